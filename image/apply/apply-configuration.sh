#!/bin/bash
# Makes what was published the truth in the running database, and waits until it is protected: reloads PostgreSQL, makes roles and
# database, and then waits for the backup service. It can be run again at any time.
set -euo pipefail
shopt -s inherit_errexit nullglob

volume=/pgbackrest-config # the configuration once more, writable: old revisions are removed here
state=/var/lib/pgbackrest-state/state.json
deadline=$((SECONDS + ${WAIT_TIMEOUT:-600}))
lock_timeout=60 # seconds for each lock in PostgreSQL

# shellcheck source=old-revisions.sh
. /usr/local/lib/pgbackrest/old-revisions.sh
# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh

say() { echo "$(date -u '+%F %T') apply: $*"; }
fail() {
	say "ERROR: $1" >&2
	shift
	(($# == 0)) || printf '  %s\n' "$@" >&2
	exit 1
}
trap 'exit 1' INT TERM

# sql [DATABASE] [OPTION...]: a script on standard input, as the superuser, stopping at the first error. Nothing of it is logged
# by PostgreSQL: it may hold a password's verifier. It ends in time on the server's side too, and waits for no lock for long.
sql() {
	local left=$((deadline - SECONDS)) options
	((left > 0)) || left=1
	options="-c lock_timeout=$((left < lock_timeout ? left : lock_timeout))s -c statement_timeout=$((left + 1))s -c transaction_timeout=$((left + 2))s"
	options+=' -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c pg_stat_statements.track=none'
	PGCONNECT_TIMEOUT=10 PGAPPNAME=apply-configuration PGOPTIONS="$options -c client_min_messages=warning" timeout "$((left + 5))" \
		psql -X -q -A -t -v ON_ERROR_STOP=1 -h /var/run/postgresql -U postgres -d "${1:-postgres}" "${@:2}" -f -
}

hold_revision || fail "no configuration is published: run the setup container first"
held=${REVISION_DIR##*/}
kept=()
[ "$(cat "$REVISION_DIR/revision")" = "${REVISION:?}" ] ||
	fail "the published configuration is $held, not the wanted $REVISION: the setup container has not done its work (docker logs NAME-setup)"

say "waiting for PostgreSQL"
until pg_isready -q -h /var/run/postgresql; do
	((SECONDS < deadline)) || fail "PostgreSQL did not answer within ${WAIT_TIMEOUT:-600} s: see docker logs of the postgres container"
	sleep 1
done

# After a restore it answers before its recovery has ended, to readers only.
until [ "$(sql <<<'select pg_is_in_recovery()')" = f ]; do
	((SECONDS < deadline)) || fail "PostgreSQL has not ended its recovery within ${WAIT_TIMEOUT:-600} s: see docker logs of the postgres container"
	sleep 1
done

# shellcheck source=apply-database.sh
. /usr/local/lib/pgbackrest/apply-database.sh
watch_locks
apply_configuration
apply_roles
apply_database
report_pending_restart

# access REVISION: how that configuration reaches the repositories, whatever its own name is.
access() {
	local directory=$volume/revisions/$1
	cat "$directory/conf.d/repo.conf" "$directory"/files/* | sed "s#/revisions/$1/#/#g"
}

# still_needed: the older configurations in use whose credentials are others than those of this one.
still_needed() {
	local name
	for name in "${kept[@]}"; do
		cmp -s <(access "$name") <(access "$held") || echo "$name"
	done
}

# remove_old: what was in force before goes with its secrets. Only when nothing uses its credentials any more may they be revoked,
# which Pulumi does after this script has ended well. One with the same credentials may stay: a backup that runs keeps it for hours,
# and a later setup or apply removes it.
remove_old() {
	local needed shown=
	exec 7>"$volume/.lock"
	while :; do
		needed="setup, which is at work"
		if flock -w 10 7; then
			! remove_unused "$volume" || break
			needed=$(still_needed | xargs)
			flock -u 7 # setup must not have to wait for us
		fi
		[ -n "$needed" ] || {
			say "an older configuration is in use and removed later: ${kept[*]}"
			break
		}
		((SECONDS < deadline)) ||
			fail "an older configuration is still in use: $needed. Its credentials must stay valid until that has ended" \
				"(a long backup or restore?); then run up again"
		[ "$needed" = "$shown" ] || say "waiting until nothing uses the older configuration any more: $needed"
		shown=$needed
		sleep 1
	done
	exec 7>&-
}

[ ! -e "$REVISION_DIR/none" ] || {
	remove_old
	apply_password
	say "done. There is no repository: nothing is protected"
	exit 0
}

# confirmed archiving|protected: whether the backup service says so about this configuration and all its repositories. Not what an
# earlier one has left in its state: that may have had another repository, or more rights. One whose first backup is to wait for its schedule is
# not waited for, and neither is one with backups that cannot be used now, if there is another that is confirmed.
confirmed() {
	jq -e --arg goal "$1" --arg held "$held" --arg id "${BACKUP_ID:-}" \
		--slurpfile published <(cat "$REVISION_DIR/repositories.json" 2>/dev/null || echo '[]') '
		.service as $service | .repositories as $known | [$published[0][].name | $known[.]] as $wanted
		| $service != "" and ($id == "" or ($id | startswith($service)))
		and (if $wanted == [] then [$known[]] else $wanted end
			| map(if . == null then "missing"
				elif (if .firstBackupAt then .archiving else .[$goal] end) == $held then "well"
				elif .away == $held and .newest.full != null then "away" else "missing" end)
			| any(. == "well") and all(. != "missing"))' "$state" >/dev/null 2>&1
}

# confirmed_names: the repositories whose archiver has proven to work with this configuration; or nothing, when none of the others is away.
confirmed_names() {
	recall ".repositories | select(any(.away == \"$held\")) | to_entries[] | select(.value.archiving == \"$held\").key"
}

# recall FILTER: what the service has noted; nothing when it has not.
recall() { jq -r "$1 // empty" "$state" 2>/dev/null || true; }

# damaged_pages: what is wrong with the newest backups.
damaged_pages() { recall '[.repositories[].damagedPages | select(. != "")] | join("; ") | select(. != "")'; }

# without_good_backup: whether the service has done all that it will do for now and there is no backup that can be relied on.
without_good_backup() {
	[[ $goal == protected && $(recall .activity) == *idle* && -n $(damaged_pages) ]] &&
		confirmed archiving && ! confirmed protected
}

# told: its sentence about this configuration, or else what it does.
told() { recall "if .revision == \"$held\" then .verdict.sentence else .activity + (if .error == \"\" then \"\" else \" - last error: \" + .error end) end"; }

case ${WAIT_FOR:-backup} in
backup) goal=protected ;;
archiving) goal=archiving ;;
*) fail "WAIT_FOR is '$WAIT_FOR': backup and archiving are allowed" ;;
esac
shown=
until confirmed "$goal"; do
	! without_good_backup || fail "not protected: $(damaged_pages)"
	now=$(told)
	((SECONDS < deadline)) ||
		fail "not $goal within ${WAIT_TIMEOUT:-600} s. The backup service says: ${now:-nothing}" "more: docker logs of the backup container"
	now=${now:-waiting for the backup service}
	[ "$now" = "$shown" ] || say "$now"
	shown=$now
	sleep 1
done
prove_archiving
remove_old
apply_password
# The program shows these lines.
damage=$(damaged_pages)
[ -z "$damage" ] || echo "NOTE: $damage"
names=$(confirmed_names)
[ -z "$names" ] || echo "NOTE: $(told)"
say "done: configuration $held is in force, $goal"
