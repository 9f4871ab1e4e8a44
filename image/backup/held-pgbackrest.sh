#!/bin/sh
# `pgbackrest` as people type it: on the published revision, which it holds until it ends. So a change of the configuration does not
# reach a backup or a restore under way, and nobody revokes its credentials. (A variable, because restore writes the options of its
# command line into restore_command, which lives longer than a revision.) Who names a configuration gets that one.
set -eu
pgbackrest=/usr/bin/pgbackrest
for argument in "$@"; do
	case $argument in
	--config | --config=* | --config-path | --config-path=*) exec "$pgbackrest" "$@" ;;
	esac
done
# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh
if hold_revision; then
	export PGBACKREST_CONFIG_PATH="$REVISION_DIR"
fi
exec "$pgbackrest" "$@"
