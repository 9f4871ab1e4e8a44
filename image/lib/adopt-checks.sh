# shellcheck shell=bash
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file
# What must be true of another set-up's volumes before they are adopted. Changes nothing. Uses its function fail.

# control FIELD: what pg_control says.
control() { pg_controldata -D "$data" | sed -n "s/^$1: *//p"; }

# how_to_move DIRECTORY: the command that moves a data directory to where we have it.
how_to_move() {
	echo "docker run --rm -v $volume:/v debian:trixie-slim sh -c 'cd /v && mv $1/* . && rmdir -p $1'"
}

# check_layout: the volume is a whole data directory of our major version, and a primary.
check_layout() {
	local inner version major links
	if [ ! -e "$data/PG_VERSION" ]; then
		[ -n "$(ls -A "$data")" ] ||
			fail "the data volume $volume is empty: correct pgbackrest:dataVolume (docker volume ls), or leave it out for a new database"
		inner=$(find "$data" -mindepth 2 -maxdepth 4 -name PG_VERSION ! -path '*/base/*' -printf '%P\n' | head -n 1)
		[ -n "$inner" ] || fail "the data volume $volume has no PG_VERSION, so it is no PostgreSQL data directory: correct pgbackrest:dataVolume"
		fail "the data directory is not at the top of the volume $volume but in its directory ${inner%/PG_VERSION}." \
			"With the old containers stopped, move it there: $(how_to_move "${inner%/PG_VERSION}")" \
			"(the old set-up then needs the other PGDATA as well, should you go back)"
	fi
	read -r version <"$data/PG_VERSION"
	major=$(postgres --version | sed 's/.* \([0-9]*\)\..*/\1/')
	[ "$version" = "$major" ] ||
		fail "the data volume $volume belongs to PostgreSQL $version, and this is PostgreSQL $major: nothing was changed." \
			"Upgrade the data in the old set-up first (pg_upgrade, or dump and restore)."
	for inner in standby.signal recovery.signal backup_label; do
		[ ! -e "$data/$inner" ] || fail "the data volume $volume has a $inner: it is a standby or a restore that has not ended." \
			"Let it become a primary in the old set-up first (select pg_promote()), then stop it."
	done
	[ ! -L "$data/pg_wal" ] || fail "pg_wal of the data volume $volume is a link to $(readlink "$data/pg_wal"), which is not in it." \
		"With the old containers stopped, move that directory into the volume as pg_wal."
	links=$(find "$data/pg_tblspc" -mindepth 1 -printf '%l ')
	[ -z "$links" ] || fail "the data volume $volume has tablespaces outside of it ($links): move their tables to pg_default" \
		"(alter database ... set tablespace, alter table ... set tablespace) and drop them first."
}

# check_stopped: nobody runs it. Process ids mean nothing across containers and PostgreSQL holds no lock, so the files must say so: a
# server that was shut down cleanly, which has archived its last WAL too.
check_stopped() {
	local state
	exec 8<"$data"
	flock -n 8 || fail "another container runs PostgreSQL on the data volume $volume: stop it first (docker ps --filter volume=$volume)"
	# A negative process id is a run of this container that was killed below.
	if [ "$(head -c 1 "$data/postmaster.pid" 2>/dev/null || true)" = - ]; then
		rm "$data/postmaster.pid"
		return 0
	fi
	state=$(control 'Database cluster state')
	[[ $state = 'shut down' && ! -e $data/postmaster.pid ]] ||
		fail "PostgreSQL still runs on the data volume $volume, or was not shut down cleanly (state: $state). Nothing was changed." \
			"Stop the old containers: docker ps --filter volume=$volume, then docker stop --time 120 NAME." \
			"Was it killed? Start the old container once more, and stop it like that."
	[ -z "$(ls -A "$data/pg_twophase")" ] ||
		fail "the data volume $volume has prepared transactions: commit or roll them back in the old set-up first (select * from pg_prepared_xacts)"
}

# check_repository PATH: a repository's root is mounted there; or nothing at all, which is one more repository of a database that is here.
check_repository() {
	if [ -z "$(find "$1" -mindepth 1 ! -name lost+found -print -quit)" ] && { [ -z "$volume" ] || [ -e /adopted/data ]; }; then
		note "the repository volume at $1 is empty: a new repository begins in it"
		return
	fi
	[[ -d $1/archive && -d $1/backup ]] ||
		fail "the repository volume at $1 has no directories archive and backup at its top, so it is no pgBackRest repository." \
			"It has: $(find "$1" -mindepth 1 -maxdepth 2 -printf '%P ' | head -c 300)" \
			"Correct the volume of the repository, or leave it out for a new one. One that is in a subdirectory must be moved to the top."
	[ -d "$1/archive/${STANZA:?}" ] ||
		fail "the repository volume at $1 has no stanza $STANZA but: $(find "$1/archive" -mindepth 1 -maxdepth 1 -printf '%f ')" \
			"Set pgbackrest:stanza to the name that the old set-up has, and rename the section in the base template to it."
}

# check_history PATH: its backups are of this very cluster. (Of an encrypted repository nothing can be read here.)
check_history() {
	local ours theirs
	ours=$(control 'Database system identifier')
	theirs=$(sed -n 's/^db-system-id=//p' "$1/archive/$STANZA/archive.info" 2>/dev/null || true)
	[ -z "$theirs" ] || [ "$theirs" = "$ours" ] ||
		fail "the backups of stanza $STANZA in the repository volume at $1 are of another database (system identifier $theirs) than the" \
			"data volume $volume ($ours): correct one of the two volumes, or take another stanza"
}
