# shellcheck shell=bash
# What the backup service runs. Uses its functions say, remember, activity and pause, and its variables.
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file

# failing KIND MESSAGE: reports it, and puts the next try off: 10 s, doubled each time, at most half an hour.
failing() {
	delay[$1]=$((${delay[$1]:-5} * 2))
	((delay[$1] <= 1800)) || delay[$1]=1800
	retry_at[$1]=$(($(date +%s) + delay[$1]))
	say "ERROR: $2; trying again in ${delay[$1]} s" >&2
	remember error "$2"
}

succeeded() {
	unset "delay[$1]" "retry_at[$1]"
	remember error ""
}

# may_run KIND: whether its back-off is over.
may_run() { (($(date +%s) >= ${retry_at[$1]:-0})); }

# repository_changed: whether the place of the backups has moved since the held revision was published.
repository_changed() {
	[ "$(published_revision)" != "$held" ] &&
		! cmp -s "$REVISION_DIR/repositories" /etc/pgbackrest/current/repositories
}

# progress: how far the running backup is, if it has said so yet.
progress() {
	pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" --log-level-console=off --output=json info 2>/dev/null |
		jq -r '.[0].status.lock.backup | select(.size // 0 > 0) | "\(.["size-cplt"] * 1000 / .size | round / 10) % of \(.size / 1048576 | round) MiB"' || true
}

# run WHAT ARGUMENTS...: pgbackrest on the held revision, its output shown and its last error kept in run_error. Ends it when
# the repository is replaced under it; any other change waits for it.
run() {
	local what=$1 status=0 shown=$SECONDS log=/tmp/pgbackrest-run.log line
	shift
	run_error=
	pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" --log-level-file=off "$@" > >(tee "$log") 2>&1 &
	child=$!
	while kill -0 "$child" 2>/dev/null; do
		sleep "$poll" &
		wait -n "$child" $! || true
		if repository_changed; then
			say "the repository was changed: stopping the running $what; the new repository gets a backup of its own"
			kill -TERM "$child" 2>/dev/null || true
			wait "$child" || true
			child=
			run_error="the $what was stopped because the repository was changed"
			return 1
		fi
		if ((SECONDS - shown >= 60)); then
			shown=$SECONDS
			line=$(progress)
			[ -z "$line" ] || activity "$what: $line"
		fi
	done
	wait "$child" || status=$?
	child=
	((status)) || return 0
	run_error="$what: $(grep -A3 'ERROR:' "$log" | sed 's/^.*ERROR: *//' | tr -s ' \n' ' ' | head -c 1000)"
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
		remember archiving "$held"
		remember protected "$held"
		remember error ""
		activity "no repository: nothing is protected"
		return 0
	fi
	may_run prepare && wait_for_database || return 1
	activity "configuration $held: making sure of the stanza"
	run "stanza-create" stanza-create || {
		failing prepare "$run_error"
		return 1
	}
	activity "configuration $held: checking that WAL reaches the repository"
	run "check" check || {
		failing prepare "$run_error"
		return 1
	}
	remember archiving "$held"
	read_backups || return 1
	[ -z "$newest_full" ] || remember protected "$held"
	succeeded prepare
	retry_at=() delay=()
}

# read_backups: when the newest backups began, from the repository itself, whoever took them.
read_backups() {
	local info times
	info=$(pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" --log-level-console=off --log-level-stderr=error \
		--output=json info 2>&1) || true
	# Codes of a stanza: 0 is ok, 2 is ok without a backup. Anything else means that it could not be read.
	times=$(jq -er '.[0] | select(.status.code == 0 or .status.code == 2) | .backup | map(select(.error != true)) |
		[(map(select(.type == "full"))), (map(select(.type != "incr"))), .] | map(last | .timestamp.start // "") | join(";")' \
		<<<"$info" 2>/dev/null) || {
		failing prepare "the repository cannot be read: $(head -c 500 <<<"$info")"
		return 1
	}
	IFS=';' read -r newest_full newest_diff newest_incr <<<"$times"
	remember backups "$newest_full $newest_diff $newest_incr"
}

# due KIND SINCE: whether a run of KIND was scheduled between SINCE and now.
due() {
	local next
	next=$(next_run "$REVISION_DIR/schedules" "$1" "$2")
	[ -n "$next" ] && ((next <= $(date +%s)))
}

run_what_is_due() {
	local kind since
	for kind in full diff incr; do
		since=newest_$kind
		if [ -z "${!since}" ]; then
			# Nothing to build on: whatever is scheduled first, the first backup is a full one.
			[ "$kind" = full ] || return 0
		elif ! due "$kind" "${!since}"; then
			continue
		fi
		may_run "$kind" || return 0
		# Somebody may have taken one by hand meanwhile.
		if [ -n "${!since}" ]; then
			read_backups || return 0
			due "$kind" "${!since}" || continue
		fi
		backup "$kind"
		return 0
	done
	verify_if_due
	activity "idle: protected, newest backup of $(date -u --date "@$newest_incr" '+%F %T') UTC"
}

backup() {
	activity "$1 backup: running"
	if run "$1 backup" --type="$1" backup; then
		read_backups || return 0
		succeeded "$1"
		[ -z "$newest_full" ] || remember protected "$held"
	else
		failing "$1" "$run_error"
	fi
}

# verify_if_due: reads the whole repository. Its exit code says nothing (0 on damaged files), its last status line does.
verify_if_due() {
	local began stamp=$state/verified
	[ -e "$stamp" ] || date +%s >"$stamp"
	due verify "$(cat "$stamp")" && may_run verify || return 0
	activity "verify: running"
	began=$(date +%s)
	if run verify verify --output=text && grep -q '^status: ok' /tmp/pgbackrest-run.log; then
		remember verified "$began"
		remember damage ""
		succeeded verify
	else
		run_error=${run_error:-"verify found damage in the repository: $(grep -v 'P00' /tmp/pgbackrest-run.log | tr -s ' \n' ' ' | head -c 1000)"}
		remember damage "$run_error"
		failing verify "$run_error"
	fi
}
