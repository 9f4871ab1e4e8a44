#!/bin/sh
# The archive_command of every configuration: archive-push-pgbackrest "%p". It is constant, so that a change between no repository
# and any kind of repository needs neither a restart nor a reload. (pgBackRest wants its own name in archive_command.)
set -eu
# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh

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
exec pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" archive-push "$1"
