#!/bin/bash
# acknowledge-loss.sh [--delete]: says what the backup service has found to be gone from the repository for good, and that it is known:
# health no longer tells it then. Of a stanza that cannot be used any more, --delete deletes what is left, and a new one is made at once.
set -euo pipefail
umask 0027

directory=/var/lib/pgbackrest-state

# broken: the numbers of the repositories whose stanza cannot be used any more, by what the service says of each.
broken() {
	jq -r --slurpfile published <(cat /etc/pgbackrest/current/repositories.json 2>/dev/null || echo '[]') '
		($published[0] // []) as $all
		| if .doing then .doing else {($all[0].name // "repo1"): {error}} end
		| to_entries[] | select(.value.error | contains("acknowledge-loss.sh --delete")).key as $name
		| ([$all[] | select(.name == $name).number] + [1])[0]' "$directory/state.json"
}

# delete_remains NUMBER...: the stanza there, whatever of it is left. `stop` keeps other commands in this container away meanwhile.
delete_remains() {
	local number
	stanza=$(cat /etc/pgbackrest/current/stanza)
	trap 'pgbackrest --stanza="$stanza" --log-level-console=warn start' EXIT
	pgbackrest --stanza="$stanza" --log-level-console=warn stop
	for number in "$@"; do
		pgbackrest --stanza="$stanza" --log-level-console=warn --repo="$number" --force stanza-delete
	done
}

mapfile -t told < <(jq -r '.error, ([.repositories[].gone // "" | select(. != "")] | join("; "))' "$directory/state.json")
error=${told[0]} gone=${told[1]}
mapfile -t numbers < <(broken)

if ((${#numbers[@]} > 0)); then
	[ "${1:-}" = --delete ] || {
		echo "Nothing is deleted without --delete: $error" >&2
		exit 1
	}
	delete_remains "${numbers[@]}"
	gone=$error
fi
[ -n "$gone" ] || {
	echo "nothing is gone that was not acknowledged" >&2
	exit 1
}
touch "$directory/acknowledged"
echo "acknowledged: $gone"
