#!/bin/bash
# Starts PostgreSQL on the data volume with the published configuration; its arguments go to the postgres command line.
# Makes the cluster first where the volume is empty and the repositories hold no backups of the stanza. Generates no configuration and
# knows no credential.
set -euo pipefail
# shellcheck source=empty-volume.sh
. /usr/local/lib/pgbackrest/empty-volume.sh
# shellcheck source=revision.sh
. /usr/local/lib/pgbackrest/revision.sh

data=/var/lib/postgresql/data
config=/etc/pgbackrest
unfinished=$data/initdb.unfinished

say() { echo "$(date -u '+%F %T') postgres: $*"; }
fail() {
	say "ERROR: $*" >&2
	exit 1
}

# Everything in the data directory except what a file system or an unfinished initdb of ours puts there.
foreign_entries() {
	find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$unfinished"
}

# initdb runs in a directory of its own inside the volume and its result is moved up at the end, PG_VERSION last: whenever it is
# interrupted, the next start sees how far it came. So nothing that is not ours is ever removed.
init_cluster() {
	if [ ! -e "$unfinished/complete" ]; then
		[ -z "$(foreign_entries)" ] ||
			fail "the data volume has no PG_VERSION but is not empty ($(foreign_entries | head -3 | xargs -n1 basename | tr '\n' ' '));" \
				"nothing was touched. Mount an empty volume or a PostgreSQL $major data directory at $data."
		[ ! -e "$unfinished" ] || say "an earlier initdb was interrupted: starting it again"
		rm -rf "$unfinished"
		say "the data volume is empty: creating a PostgreSQL $major cluster (data checksums, UTF-8, SCRAM)"
		# Without huge pages: where the host has some that a container may not use, initdb is killed (SIGBUS). Our configuration decides later.
		initdb --set huge_pages=off --pgdata "$unfinished" --username postgres --data-checksums --encoding UTF8 --locale-provider builtin --locale C.UTF-8 \
			--auth-local peer --auth-host scram-sha-256 >/tmp/initdb.log 2>&1 || fail "initdb failed: $(tail -5 /tmp/initdb.log)"
		touch "$unfinished/complete"
		sync --file-system "$data"
	fi
	find "$unfinished" -mindepth 1 -maxdepth 1 ! -name PG_VERSION ! -name complete -exec mv -t "$data" {} +
	sync --file-system "$data"
	[ ! -e "$unfinished/PG_VERSION" ] || mv "$unfinished/PG_VERSION" "$data"
	rm -rf "$unfinished"
	sync --file-system "$data"
}

wait_for_configuration() {
	local waited
	for ((waited = 0; ; waited++)); do
		[ -z "$(published_revision)" ] || break
		((waited % 60)) || say "waiting for a configuration in $config: the setup container publishes it (docker start -a NAME-setup)"
		sleep 1
	done
}

# refuse_lost_database: setup refuses it with the choice that there is; nobody gets past it here either, however the volume became empty.
refuse_lost_database() {
	local directory held shown=
	while :; do
		directory=$config/revisions/$(published_revision)
		[ ! -e "$directory/none" ] || return 0
		read -r STANZA <"$directory/stanza"
		held=$(backups_held "$(pgbackrest --config-path="$directory" --stanza="$STANZA" --log-level-console=error --output=json info 2>&1)") && break
		[ "$held" = "$shown" ] ||
			say "waiting: the data volume is empty, and whether the repositories hold backups of the stanza $STANZA cannot be told ($held)"
		shown=$held
		sleep 5
	done
	[ -z "$held" ] || fail "$(lost_database "$directory" "$held"). An empty database would leave them behind, so none is made: restore them, or begin" \
		"anew in another place. The setup container says what to type for each (docker start -a NAME-setup), and docs/lost-host.md."
}

# remember_minimums ARGUMENT...: recovery refuses less of these settings than the server had that wrote the WAL, and only its command
# line has them. So they go into the data too, and with those into every backup: whatever starts them elsewhere, a restore on another
# host for one, has them. The server here reads neither file.
remember_minimums() {
	local argument file=$data/recovery-minimums.conf line="include_if_exists 'recovery-minimums.conf'"
	for argument; do
		case $argument in
		max_connections=* | max_worker_processes=* | max_wal_senders=* | max_prepared_transactions=* | max_locks_per_transaction=*)
			echo "${argument%%=*} = '${argument#*=}'"
			;;
		esac
	done >"$file.new" && mv "$file.new" "$file" || return 1
	grep -qsFx "$line" "$data/postgresql.conf" || printf '\n%s\n' "$line" >>"$data/postgresql.conf"
}

trap 'exit 0' INT TERM
major=$(postgres --version | sed 's/.* \([0-9]*\)\..*/\1/')

[ -w "$data" ] || fail "cannot write the data directory $data as uid $(id -u). If it is a host path: chown 999:999 it on the host."
# PostgreSQL recognises another server on its data by process id, which means nothing across containers; a lock does. It stays
# with this process and all its children, and goes with the last of them.
exec 8<"$data"
flock -w 5 8 || fail "another container runs PostgreSQL on this data volume"

if [ ! -e "$data/PG_VERSION" ] || [ -e "$unfinished" ]; then
	! holds_nothing "$data" || {
		wait_for_configuration
		refuse_lost_database
	}
	init_cluster
fi
read -r version <"$data/PG_VERSION"
[ "$version" = "$major" ] ||
	fail "the data directory belongs to PostgreSQL $version, and this image has PostgreSQL $major; nothing was touched." \
		"Use an image with PostgreSQL $version, or upgrade the data first (pg_upgrade or dump and restore)."

wait_for_configuration
say "starting with the published configuration $(published_revision)"

remember_minimums "$@" || say "cannot write in the data directory what a recovery elsewhere needs of its settings (no space?)" >&2

# A restore has brought these data to the end of the WAL, and what was written meanwhile follows now. Nobody is let in before that, and so
# settings may be smaller than those of the server that wrote it.
[ ! -e "$data/recovery.signal" ] || set -- "$@" -c hot_standby=off

trap - INT TERM
exec postgres -D "$data" -c config_file="$config/postgresql.conf" -c hba_file="$config/pg_hba.conf" \
	-c ident_file="$config/pg_ident.conf" "$@"
