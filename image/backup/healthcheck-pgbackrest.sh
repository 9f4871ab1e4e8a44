#!/bin/bash
# Healthy: the stanza is usable, WAL arrives in the repository, and the newest backups are not older than their schedules allow.
# Asks only what is cheap: it must cost nothing to ask often. HEALTH_GRACE (seconds) is how late a backup may be.
set -euo pipefail

state=/var/lib/pgbackrest-state
archive_status=/var/lib/postgresql/data/pg_wal/archive_status

# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh
# shellcheck source=schedule.sh
. /usr/local/lib/pgbackrest/schedule.sh

unhealthy() {
	echo "UNHEALTHY: $*"
	exit 1
}
recall() { cat "$state/$1" 2>/dev/null || true; }

hold_revision || unhealthy "no configuration is published"
if [ -e "$REVISION_DIR/none" ]; then
	echo "no repository: not protected"
	exit 0
fi

error=$(recall error) activity=$(recall activity)
[ -z "$(recall damage)" ] || unhealthy "$(recall damage)"
[ "$(recall archiving)" = "${REVISION_DIR##*/}" ] || unhealthy "this configuration is not in force yet: ${error:-$activity}"

# Standard error apart: a database may have warnings at each connection, such as one about the version of its collation.
archiver=$(PGCONNECT_TIMEOUT=5 PGOPTIONS='-c statement_timeout=5s' psql -X -A -t -h /var/run/postgresql -U pgbackrest -d postgres -c \
	"select 'since ' || last_failed_time || ' with ' || last_failed_wal from pg_stat_archiver
		where last_failed_time > coalesce(last_archived_time, '-infinity')" 2>/tmp/healthcheck-error) ||
	unhealthy "PostgreSQL does not answer: $(cat /tmp/healthcheck-error)"
[ -z "$archiver" ] || unhealthy "WAL does not arrive in the repository $archiver: see the log of the postgres container"
# An archive_command that hangs fails nothing; its work grows old.
waiting=$(find "$archive_status" -ignore_readdir_race -name '*.ready' -mmin +5 -print -quit 2>/dev/null) || true
[ -z "$waiting" ] || unhealthy "WAL segment $(basename "$waiting" .ready) has waited for more than 5 minutes to be archived"
[ -z "$(recall damaged-pages)" ] || unhealthy "$(recall damaged-pages)"

for kind in full diff incr; do
	newest=$(recall newest-$kind)
	if [ "${newest:--}" = - ]; then
		[ "$kind" != full ] || unhealthy "there is no full backup yet: ${error:-$activity}"
		continue
	fi
	next=$(next_run "$REVISION_DIR/schedules" "$kind" "$newest")
	if [ -n "$next" ] && ((next + ${HEALTH_GRACE:-3600} < EPOCHSECONDS)) && [[ $activity != *' backup: running'* ]]; then
		unhealthy "the $kind backup of $(date -u --date "@$next" '+%F %H:%M') UTC is missing${error:+: $error}"
	fi
done
echo "protected, ${activity}${error:+; last error: $error}"
