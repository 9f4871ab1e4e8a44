# shellcheck shell=bash
# An empty data volume beside backups of this stanza is no new database but a lost one: a cluster made there would leave them behind.

# holds_nothing DIRECTORY: whether the first start of PostgreSQL would make a cluster there. What cannot be read is not for us to judge.
holds_nothing() {
	local entries
	entries=$(find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name initdb.unfinished 2>/dev/null) && [ -z "$entries" ]
}

# backups_held INFO: of each repository that holds some, its number, how many, and when the newest ended; INFO is what `info` says as JSON.
# Where one cannot tell, that is the output, with status 1.
backups_held() {
	local held
	# The codes of pgBackRest: up to 5 it knows what is there.
	held=$(jq -r '.[0] as $stanza | $stanza.repo[]
		| if .status.code > 5 then "error \(.key): \(.status.message)" else
			.key as $key | [$stanza.backup[] | select(.database["repo-key"] == $key).timestamp.stop] | select(length > 0)
			| "\($key) \(length) \(max | strftime("%F %H:%M:%S UTC"))"
		end' <<<"$1" 2>/dev/null) || held="error: $1"
	[[ $held != *error* ]] || {
		grep -m 1 error <<<"$held"
		return 1
	}
	echo "$held"
}

# repository_name DIRECTORY NUMBER: what a reader recognises it by.
repository_name() {
	jq -r --argjson number "$2" '.[] | select(.number == $number) | "\(.name) (\(.place))"' "$1/repositories.json"
}

# lost_database DIRECTORY HELD: what backups_held found, in words.
lost_database() {
	local number count newest
	read -r number count newest <<<"$2"
	if ((count == 1)); then count="a backup"; else count+=" backups"; fi
	echo "the data volume is empty, and the repository $(repository_name "$1" "$number") holds $count of the stanza $STANZA, the newest of $newest"
}

# another_place DIRECTORY NUMBER: what lets an empty database begin beside what is there, as typed. Where the repository is a directory of
# the Docker host, the path is only where containers see it, so there it is another stanza, which the template names too.
another_place() {
	local path index
	path=$(sed -n "s/^repo$2-path=//p" "$1/conf.d/repo.conf")
	path=${path:-/var/lib/pgbackrest}
	if mountpoint -q "$path"; then
		echo "    sed -i 's/^\[$STANZA/[$(next_of "$STANZA")/' config/pgbackrest/pgbackrest.conf"
		echo "    npm run pulumi -- config set stanza $(next_of "$STANZA")"
	else
		# The place in the list; the number belongs to the name.
		index=$(jq --argjson number "$2" 'map(.number) | index($number)' "$1/repositories.json")
		echo "    npm run pulumi -- config set --path 'repositories[$index].path' $(next_of "$path")"
	fi
}

# next_of WORD: main-2 after main, main-3 after main-2.
next_of() {
	if [[ $1 =~ ^(.*-)([0-9]{1,4})$ ]]; then echo "${BASH_REMATCH[1]}$((10#${BASH_REMATCH[2]} + 1))"; else echo "$1-2"; fi
}
