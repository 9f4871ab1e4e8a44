#!/bin/bash
# The backup service: stanza, check, first full backup, then full, diff, incr and verify by their schedules, for as long as the
# container lives. No run that fails ends it. It reads the published configuration and writes only the repository and its state.
set -euo pipefail
shopt -s inherit_errexit
umask 0027

state=/var/lib/pgbackrest-state
poll=1
child=    # the pgBackRest that runs
printer=  # the process that shows what it says
held=     # name of the revision that this shell holds
prepared= # name of the revision for which everything below has been done
seen=     # name of the revision that was looked at last
looked=0  # when the repository was looked at last

# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh
# shellcheck source=schedule.sh
. /usr/local/lib/pgbackrest/schedule.sh
# shellcheck source=page-errors.sh
. /usr/local/lib/pgbackrest/page-errors.sh
# shellcheck source=backup-runs.sh
. /usr/local/lib/pgbackrest/backup-runs.sh

say() { echo "$(date -u '+%F %T') backup: $*"; }

# remember NAME VALUE: one file, one value, replaced at once so that readers never see half of it.
remember() {
	printf '%s\n' "$2" >"$state/.$1"
	mv "$state/.$1" "$state/$1"
}

# activity TEXT: what the service does now; said once.
activity() {
	[ "$(cat "$state/activity" 2>/dev/null || true)" != "$1" ] || return 0
	say "$1"
	remember activity "$1"
}

# PostgreSQL may be stopped or the whole container ended at any time: a running pgBackRest is ended cleanly, and at once.
stop() {
	trap '' INT TERM
	say "stopping"
	if [ -n "$child" ]; then
		end_run
		# Its last words; what its workers hold open is not waited for.
		for _ in 1 2 3 4 5; do
			kill -0 "$printer" 2>/dev/null || break
			sleep 0.2
		done
	fi
	for file in archiving protected; do remember "$file" ""; done
	remember activity "stopped"
	exit 0
}
trap stop INT TERM

# pause SECONDS [PROCESS]: a sleep that a signal ends, and the end of that process.
pause() {
	local sleep
	sleep "$1" &
	sleep=$!
	wait -n "$sleep" ${2:+"$2"} || true
	kill "$sleep" 2>/dev/null || true
}

# hold: takes the published revision, waiting for one.
hold() {
	until hold_revision; do
		activity "waiting for a configuration in /etc/pgbackrest: the setup container publishes it"
		pause "$poll"
	done
	held=${REVISION_DIR##*/}
	read -r stanza <"$REVISION_DIR/stanza"
}

[ -w "$state" ] || {
	say "ERROR: cannot write the state volume $state as uid $(id -u): it must belong to 999:999" >&2
	exit 1
}
# What was true before says nothing about now.
for file in error archiving protected; do remember "$file" ""; done
remember service "$HOSTNAME"
say "started"
while :; do
	hold
	# A new configuration may be the cure: it is tried at once.
	[ "$held" = "$seen" ] || retry_at=() delay=()
	seen=$held
	if [ "$held" != "$prepared" ] && prepare; then
		prepared=$held
	fi
	if [ "$held" = "$prepared" ] && [ ! -e "$REVISION_DIR/none" ]; then
		if still_there; then run_what_is_due; else prepared=; fi
	fi
	# Held only while it is used: an idle service must not keep old secrets on the volume.
	release_revision
	pause "$poll"
done
