# shellcheck shell=bash
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file
# What the backup service runs. Uses its functions say, remember, activity and pause.

# By kind of run: when it may be tried again after a failure, how long that wait was, and when it is due by its schedule.
declare -A retry_at=() delay=() next_at=()

# failing KIND MESSAGE: reports it, and puts the next try off: 10 s, doubled each time, at most half an hour. Without the stanza and
# archiving there is no protection at all, so they wait a minute at most.
failing() {
	local longest=1800
	# A run that was stopped on purpose has no error.
	[ -n "$2" ] || return 0
	if [[ $1 != prepare && $2 == *'[050]'* ]]; then
		say "another pgbackrest is at work in this container: waiting for it"
		retry_at[$1]=$((EPOCHSECONDS + 10))
		return 0
	fi
	[ "$1" != prepare ] || longest=60
	delay[$1]=$((${delay[$1]:-5} * 2))
	((delay[$1] <= longest)) || delay[$1]=$longest
	retry_at[$1]=$((EPOCHSECONDS + delay[$1]))
	say "ERROR: $2 - trying again in ${delay[$1]} s" >&2
	remember error "$2"
}

succeeded() {
	unset "delay[$1]" "retry_at[$1]"
	remember error ""
}

# may_run KIND: whether its back-off is over.
may_run() { ((EPOCHSECONDS >= ${retry_at[$1]:-0})); }

# places DIRECTORY: its repositories, in the text that release 0.1.0 published, so that what is remembered of it stays true.
places() {
	jq -r 'map(.place | sub("^azure:container (?<name>\\S+) of account "; "azure:container \(.name) of ")) | join(" ") | if . == "" then "none" else . end' \
		"$1/repositories" 2>/dev/null || cat "$1/repositories"
}

# place DIRECTORY: where the backups and the WAL of that configuration go.
place() {
	cat "$1/stanza"
	places "$1"
}

# repository_changed: whether the place of the backups has moved since the held revision was published.
repository_changed() {
	[ "$(published_revision)" != "$held" ] && ! cmp -s <(place "$REVISION_DIR") <(place /etc/pgbackrest/current)
}

# info: what the repository holds.
info() {
	pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" --log-level-console=off --log-level-file=off \
		--log-level-stderr=error --output=json info 2>&1
}

# progress: how far the running backup is, if it has said so yet.
progress() {
	info | jq -r '.[0].status.lock.backup | select(.size // 0 > 0) |
		"\(.["size-cplt"] * 100 / .size | floor) % of \(.size / 1048576 | ceil) MiB"' 2>/dev/null || true
}

# oom_kills: how many processes of this container were killed for want of memory.
oom_kills() {
	sed -n 's/^oom_kill //p' /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null || true
}

# end_run: ends the pgbackrest that runs, and its workers, which would finish the file that they are at, for minutes, and keep the
# revision in use. It leads a process group as soon as setsid has run.
end_run() {
	kill -TERM -- "-$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null || true
	wait "$child" || true
}

# run WHAT ARGUMENTS...: pgbackrest on the held revision, its output shown and its error kept in run_error. Ends it when the
# repository is replaced under it; any other change waits for it.
run() {
	local what=$1 status=0 shown=$SECONDS log=/tmp/pgbackrest-run.log out line
	local killed_before
	shift
	run_error=
	killed_before=$(oom_kills)
	exec {out}> >(exec tee "$log")
	printer=$!
	setsid pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" --log-level-file=off "$@" >&"$out" 2>&1 &
	child=$!
	exec {out}>&-
	while kill -0 "$child" 2>/dev/null; do
		pause "$poll" "$child"
		if repository_changed; then
			say "the repository or the stanza was changed: stopping the running $what, which belongs to the old one"
			end_run
			child=
			return 1
		fi
		if ((SECONDS - shown >= 60)); then
			shown=$SECONDS
			line=$(progress)
			[ -z "$line" ] || activity "$what: running, $line"
		fi
	done
	wait "$child" || status=$?
	# Workers outlive a main process that was killed, and keep its lock.
	((status <= 128)) || kill -KILL -- "-$child" 2>/dev/null || true
	child=
	wait "$printer" || true
	((status)) || return 0
	run_error="$what failed: $(sed -n '/ERROR:/,$p' "$log" | grep -v ' INFO: ' | sed 's/^.*ERROR: *//' | tr -s ' \n' ' ' | head -c 1000)"
	((status <= 128)) || run_error+="killed by signal $((status - 128)) ($(kill -l "$status"))"
	[ "$(oom_kills)" = "$killed_before" ] || run_error+=" - out of memory (backupMemory): raise pgbackrest:backupMemory, or lower compress-level or process-max"
	[[ $run_error != *'[028]'* ]] ||
		run_error+=" - The repository holds the backups of another PostgreSQL cluster: give this one a path of its own."
	return "$status"
}

# wait_for_database: PostgreSQL and the role that apply makes. Quiet: this is how every first start begins.
wait_for_database() {
	until psql -X -q -h /var/run/postgresql -U pgbackrest -d postgres -c 'select' >/dev/null 2>&1; do
		activity "waiting for PostgreSQL and its role pgbackrest (the apply container makes it)"
		pause "$poll"
		[ "$(published_revision)" = "$held" ] || return 1
	done
}

# prepare: what a new revision needs before backups can be taken: the stanza, and proof that WAL arrives in the repository.
prepare() {
	if [ -e "$REVISION_DIR/none" ]; then
		remember place none
		remember archiving "$held"
		remember protected "$held"
		remember error ""
		activity "no repository: nothing is protected"
		return 0
	fi
	may_run prepare && wait_for_database || return 1
	activity "configuration $held: making sure of the stanza"
	if run "stanza-create" stanza-create; then
		activity "configuration $held: checking that WAL reaches the repository"
		if run "check" check && note_place && plan; then
			looked=$EPOCHSECONDS
			remember archiving "$held"
			succeeded prepare
			return 0
		fi
	fi
	remember archiving ""
	remember protected ""
	failing prepare "$run_error"
	return 1
}

# note_place: since when all WAL goes to this repository. While it went elsewhere, or nowhere, the repository got a gap, and what was
# backed up before cannot be recovered past it. A new state volume knows of no other place.
note_place() {
	local now before
	now=$(place "$REVISION_DIR" | cksum)
	before=$(cat "$state/place" 2>/dev/null || true)
	[ "$before" != "$now" ] || return 0
	# Release 0.1.0 remembered the repositories alone.
	[ -z "$before" ] || [ "$before" = "$(places "$REVISION_DIR" | cksum)" ] || remember since "$EPOCHSECONDS"
	remember place "$now"
}

# plan: when each kind of run is due next. The newest backups are taken from the repository itself, whoever took them and whatever
# became of the state volume; a kind counts from the newest backup that is at least as good. Without a full one that is due now.
plan() {
	local times report kind since good
	local -A last=()
	since=$(cat "$state/since" 2>/dev/null || echo 0)
	report=$(info) || true
	# Codes of a stanza: 0 is ok, 2 is ok without a backup. Anything else means that it could not be read.
	# A backup with page errors has been taken: another one at once would be no better. But it protects nothing.
	times=$(jq -er --argjson since "$since" '.[0] | select(.status.code == 0 or .status.code == 2) | .backup |
		map(select(.timestamp.start >= $since)) | [map(select(.type == "full")), map(select(.type != "incr")), ., map(select(.type == "full" and .error != true))] |
		map(last | .timestamp.start // "-") | join(" ")' <<<"$report" 2>/dev/null) || {
		run_error="the repository cannot be read: $(head -c 500 <<<"$report")"
		return 1
	}
	look_for_page_errors "$report"
	[ -e "$state/verified" ] || remember verified "$EPOCHSECONDS"
	read -r "last[full]" "last[diff]" "last[incr]" good <<<"$times"
	last[verify]=$(cat "$state/verified")
	for kind in full diff incr verify; do
		next_at[$kind]=
		[ "${last[$kind]}" = - ] || next_at[$kind]=$(next_run "$REVISION_DIR/schedules" "$kind" "${last[$kind]}")
		[ "$kind" = verify ] || remember "newest-$kind" "${last[$kind]}"
	done
	[ "${last[full]}" != - ] || next_at[full]=0
	if [ "$good" = - ]; then remember protected ""; else remember protected "$held"; fi
}

# still_there: whether the repository is what it was. It can go away while the database is idle, when nothing else would notice; it is
# asked now and then only, because a cloud wants money for each answer. LOOK_EVERY is in seconds.
still_there() {
	local every=${LOOK_EVERY:-600}
	# Somebody is at work on it, and wants to see that it is over.
	[ -z "$damaged" ] || ((every <= 60)) || every=60
	((EPOCHSECONDS - looked >= every)) || return 0
	looked=$EPOCHSECONDS
	plan && return 0
	say "ERROR: $run_error" >&2
	remember error "$run_error"
	remember archiving ""
	remember protected ""
	return 1
}

# due KIND: whether its time has come, and its back-off is over.
due() { [ -n "${next_at[$1]}" ] && ((next_at[$1] <= EPOCHSECONDS)) && may_run "$1"; }

# run_what_is_due: one run at a time, the most valuable first. A full run delays what would build on it.
run_what_is_due() {
	local kind next=
	! must_expire || {
		expire
		return 0
	}
	for kind in full diff incr; do
		due "$kind" || continue
		# Somebody may have taken one by hand since the plan was made.
		plan || {
			failing "$kind" "$run_error"
			return 0
		}
		! due "$kind" || backup "$kind"
		return 0
	done
	! due verify || verify
	for kind in full diff incr verify; do
		[ -z "${next_at[$kind]}" ] || next+=", $kind $(date -u --date "@${next_at[$kind]}" '+%F %H:%M')"
	done
	activity "idle, next (UTC): ${next#, }"
}

# backup KIND: whether something may expire is known only after it.
backup() {
	local before
	before=$(cat "$state/newest-$1")
	activity "$1 backup: running"
	if run "$1 backup" --type="$1" --no-expire-auto backup && plan; then
		if [ "$(cat "$state/newest-$1")" != "$before" ]; then
			succeeded "$1"
		else
			failing "$1" "the $1 backup ended well, but the repository does not have it"
		fi
	else
		failing "$1" "$run_error"
	fi
}

# verify: reads the whole repository. Its exit code says nothing (it is 0 on damaged files), its status line does.
verify() {
	local began=$EPOCHSECONDS
	activity "verify: running"
	if run verify --output=text --verbose verify; then
		if grep -qE '^ *status: ok' /tmp/pgbackrest-run.log; then
			remember verified "$began"
			remember damage ""
			succeeded verify
			plan || true
			return 0
		fi
		run_error="verify found damage in the repository: $(sed -n '/^status:/,/ P[0-9]* /p' /tmp/pgbackrest-run.log | grep -v ' INFO: ' | tr -s ' \n' ' ' | head -c 1000)"
		remember damage "$run_error"
	fi
	failing verify "$run_error"
}
