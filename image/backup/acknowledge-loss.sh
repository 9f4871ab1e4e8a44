#!/bin/bash
# acknowledge-loss.sh [--delete]: says what the backup service has found to be gone from the repository for good, and that it is known:
# health no longer tells it then. Of a stanza that cannot be used any more, --delete deletes what is left, and a new one is made at once.
set -euo pipefail
umask 0027

directory=/var/lib/pgbackrest-state

# Deletes the stanza in the repository, whatever of it is there. `stop` keeps other commands in this container away meanwhile.
delete_remains() {
	stanza=$(cat /etc/pgbackrest/current/stanza)
	trap 'pgbackrest --stanza="$stanza" --log-level-console=warn start' EXIT
	pgbackrest --stanza="$stanza" --log-level-console=warn stop
	pgbackrest --stanza="$stanza" --log-level-console=warn --repo=1 --force stanza-delete
}

mapfile -t told < <(jq -r '.error, ([.repositories[].gone // "" | select(. != "")] | join("; "))' "$directory/state.json")
error=${told[0]} gone=${told[1]}

if [[ $error == *"acknowledge-loss.sh --delete"* ]]; then
	[ "${1:-}" = --delete ] || {
		echo "Nothing is deleted without --delete: $error" >&2
		exit 1
	}
	delete_remains
	gone=$error
fi
[ -n "$gone" ] || {
	echo "nothing is gone that was not acknowledged" >&2
	exit 1
}
touch "$directory/acknowledged"
echo "acknowledged: $gone"
