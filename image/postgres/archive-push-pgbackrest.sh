#!/bin/bash
# The archive_command of every configuration: archive-push-pgbackrest "%p". It is constant, so that a change between no repository
# and any kind of repository needs neither a restart nor a reload. (pgBackRest wants its own name in archive_command.)
# Each repository has an archiver of its own (archivers.sh): one archiver for all ends at the first error of any, and drops WAL for all.
# PostgreSQL comes to the next segment when all have this one. So while it waits for one, the archivers of the others get what is ready
# behind it.
set -euo pipefail
shopt -s nullglob
# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh

wal=${1%/*} segment=${1##*/}
limit=
# What a good archiver has to take notice of more WAL when all have answered, in seconds.
notice=5
# One of each for a repository.
archivers=() names=() spools=()
# Of each pgBackRest that runs, by its process: which repository it works for, and the segment; of those at this segment, and of the others.
declare -A answering=() ahead=()
# By repository: the exit status for this segment; and who has failed at any.
declare -A failed=() bad=()
tick=

# know: the name and the spool of each, from its configuration.
know() {
	local each line
	for each in "${!archivers[@]}"; do
		while IFS= read -r line; do
			[[ $line != spool-path=* ]] || spools[each]=${line#*=}
		done <"${archivers[each]}"
		names[each]=${spools[each]##*/}
		spools[each]+=/archive/$stanza/out
	done
}

say() { echo "archive-push-pgbackrest: repository ${names[$1]}: $2" >&2; }

# missing EACH: `first` is the first segment that PostgreSQL waits with and this one has not got, and `held` how many PostgreSQL has to keep for
# it: those from there on, whether it has them or not.
missing() {
	local ready name
	first='' held=0
	for ready in "$wal"/archive_status/*.ready; do
		name=${ready##*/} name=${name%.ready}
		[ -n "$first" ] || [ -e "${spools[$1]}/$name.ok" ] || first=$name
		[ -z "$first" ] || held=$((held + 1))
	done
}

# push EACH SEGMENT: in the background. With the limit only where it is this repository that keeps PostgreSQL from more than that: pgBackRest
# measures all that PostgreSQL waits with, and would drop the newest segments of a repository that has all others.
push() {
	local first held size options=()
	if [ -n "$limit" ]; then
		size=$(stat --format %s "$wal/$2" || echo 0)
		missing "$1"
		((held * size <= limit)) || options=("--archive-push-queue-max=$limit")
	fi
	pgbackrest --config="${archivers[$1]}" --stanza="$stanza" "${options[@]}" archive-push "$wal/$2" >"/tmp/archive-push.$1" 2>&1 &
}

# look_ahead EACH: lets it get what is ready behind this segment, unless it is at work.
look_ahead() {
	local first held work
	[ -z "${bad[$1]:-}" ] || return 0
	for work in "${answering[@]}" "${ahead[@]}"; do
		[ "${work%% *}" != "$1" ] || return 0
	done
	missing "$1"
	[ -n "$first" ] || return 0
	push "$1" "$first"
	ahead[$!]="$1 $first"
}

all_look_ahead() {
	local each
	for each in "${!archivers[@]}"; do look_ahead "$each"; done
}

# take_end PROCESS STATUS: of a pgBackRest. What it has said knows the repository as repo1.
take_end() {
	local each name line
	read -r each name <<<"${answering[$1]:-${ahead[$1]:-}}"
	while IFS= read -r line; do say "$each" "$line"; done <"/tmp/archive-push.$each"
	if (($2 != 0)); then
		bad[$each]=1
		[ -z "${answering[$1]:-}" ] || failed[$each]=$2
		say "$each" "the WAL segment $name has not arrived (exit code $2) and is tried again; the other repositories go on"
	fi
	unset "answering[$1]" "ahead[$1]"
}

# await: until a pgBackRest has ended, or a second is over, after which there may be more WAL for those that have got theirs.
await() {
	local process ended='' status=0 one
	if [ -z "$tick" ]; then
		sleep 1 &
		tick=$!
	fi
	wait -n -p ended "$tick" "${!answering[@]}" "${!ahead[@]}" || status=$?
	# Whatever ends beside the one that is told is not told again.
	for process in "${!answering[@]}" "${!ahead[@]}"; do
		one=$status
		if [ "$process" != "$ended" ]; then
			! kill -0 "$process" 2>/dev/null || continue
			one=0
			wait "$process" || one=$?
		fi
		take_end "$process" "$one"
	done
	if ! kill -0 "$tick" 2>/dev/null; then
		tick=
		all_look_ahead
	fi
}

# leave: nothing stays that this has started. What pgBackRest has begun to push in the background goes on. It is not asked to end: what it does
# then is not safe in the handler of a signal, so it crashes, or waits for itself for ever (pgbackrest #2710, seen with 2.60), and this with it.
leave() {
	local processes=("${!answering[@]}" "${!ahead[@]}")
	[ -z "$tick" ] || processes+=("$tick")
	((${#processes[@]} == 0)) || kill -KILL "${processes[@]}" 2>/dev/null || true
	# Bash tells of each in its own words.
	exec 2>/dev/null
	wait
}

# deliver: fails where one of them has not got the segment.
deliver() {
	local each end
	know
	trap 'leave; exit 143' TERM INT QUIT HUP
	for each in "${!archivers[@]}"; do
		# pgBackRest would only look at it, too; with something in it there is something to say.
		[[ ! -e ${spools[each]}/$segment.ok || -s ${spools[each]}/$segment.ok ]] || continue
		push "$each" "$segment"
		answering[$!]="$each $segment"
	done
	while ((${#answering[@]} > 0)); do await; done
	((${#failed[@]} > 0)) || return 0
	# PostgreSQL may come back only after a minute.
	all_look_ahead
	end=$((SECONDS + notice))
	while ((${#ahead[@]} > 0 && SECONDS < end)); do await; done
	for each in "${!failed[@]}"; do return "${failed[$each]}"; done
}

if ! hold_revision; then
	echo "archive-push-pgbackrest: no configuration is published in /etc/pgbackrest, so PostgreSQL keeps this WAL segment and" \
		"tries again; run the setup container (docker start -a NAME-setup)" >&2
	exit 1
fi
# The explicit wish for no repository: WAL is not needed. Anything less explicit must never drop WAL.
[ ! -e "$REVISION_DIR/none" ] || exit 0
read -r stanza <"$REVISION_DIR/stanza"
# Where memory runs out the archiver goes first, and is tried again: a session in its place would take the whole database through a
# restart. What it starts inherits this.
echo 1000 >/proc/self/oom_score_adj || true

archivers=("$REVISION_DIR"/archivers/*/pgbackrest.conf)
[ ! -e "$REVISION_DIR/archivers/queue-max" ] || read -r limit <"$REVISION_DIR/archivers/queue-max"
case ${#archivers[@]} in
# Published by a release that had one archiver for all.
0) exec pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" archive-push "$1" ;;
1) exec pgbackrest --config="${archivers[0]}" --stanza="$stanza" ${limit:+"--archive-push-queue-max=$limit"} archive-push "$1" ;;
esac
status=0
deliver || status=$?
leave
exit "$status"
