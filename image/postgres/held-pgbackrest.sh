#!/bin/sh
# `pgbackrest` as people type it: on the published revision, which it holds until it ends. So a change of the configuration does not
# reach a backup or a restore under way, and nobody revokes its credentials. (A variable, because restore writes the options of its
# command line into restore_command, which lives longer than a revision.) Who names a configuration gets that one.
# What a backup makes superfluous is expired by the backup service, which looks first whether the new one is good; nowhere by the
# backup itself, unless the command line says so.
# What excludes a backup excludes it by a lock that the backup service sees, too, so it runs nowhere else.
set -eu
pgbackrest=/usr/bin/pgbackrest
# shellcheck source=locks.sh
. /usr/local/lib/pgbackrest/locks.sh
share_locks "$@"
for argument in "$@"; do
	case $argument in
	--config | --config=* | --config-path | --config-path=*) exec "$pgbackrest" "$@" ;;
	esac
done
# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh
if hold_revision; then
	export PGBACKREST_CONFIG_PATH="$REVISION_DIR"
	for argument in "$@"; do
		[ "$argument" != backup ] || export PGBACKREST_EXPIRE_AUTO=n
	done
fi
exec "$pgbackrest" "$@"
