#!/bin/sh
# on-revision.sh DIRECTORY ARGUMENTS...: pgbackrest on that revision of the configuration, which it and its workers hold with a shared lock
# on descriptor 9 until the last of them ends, so that setup does not remove it under them. (Node.js has no such locks.)
set -eu
directory=$1
shift
if ! { command exec 9<"$directory/revision"; } 2>/dev/null || ! flock -s 9 || ! [ -e "$directory/revision" ]; then
	echo "ERROR: the configuration ${directory##*/} has been replaced meanwhile" >&2
	exit 1
fi
# shellcheck source=locks.sh
. /usr/local/lib/pgbackrest/locks.sh
share_locks "$@"
# A configuration of one repository alone is a file of its own, beside which no other is read.
case ${1:-} in
--config=*) exec /usr/bin/pgbackrest "$@" ;;
*) exec /usr/bin/pgbackrest --config-path="$directory" "$@" ;;
esac
