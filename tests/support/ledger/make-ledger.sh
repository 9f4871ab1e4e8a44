#!/bin/bash
# Makes the ledger in a container of the product's image: a cluster with three timelines, its backups in a repository and, encrypted, in a
# second one with the passphrase $1, and in a file what was there at each moment, a line of JSON each.
#
#   timeline 1   full  a1  diff  a2  a3  incr  a4           a2: timeline 2 begins; the incr backup is of no use for it
#   timeline 2                    b1  diff  b2  b3  b4      b2: timeline 3 begins. This is the cluster that is left.
#   timeline 3                              c1  incr  c2    given up; the newest of all backups is of it
set -euo pipefail
passphrase=$1
umask 0027

data=/var/lib/postgresql/data
config=/tmp/ledger.conf
log=/tmp/postgres.log
moments=/var/lib/postgresql/moments
timeline=1
export PGHOST=/var/run/postgresql PGDATABASE=postgres

say() { echo "$*"; }
sql() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }
pgbackrest() { /usr/bin/pgbackrest --config="$config" --stanza=main "$@"; }

# The last transaction that the running server has committed after a position: where its commit record begins, and its time.
commit_after() {
	pg_waldump --path "$data/pg_wal" --timeline "$timeline" --rmgr Transaction --start "$1" --end "$(sql 'select pg_current_wal_flush_lsn()')" |
		sed -n 's|.* lsn: \([^,]*\),.* desc: COMMIT \([-0-9]* [0-9:.]*\) UTC.*|{"lsn": "\1", "time": "\2+00"}|p' | tail -1
}

# moment NAME: a transaction that changes every row, and what is there after it. Its restore point has the name of it.
moment() {
	local before
	before=$(sql 'select pg_current_wal_insert_lsn()')
	sql "begin; update entries set seen = seen + 1; insert into entries (moment) values ('$1');
		delete from bulk where number % 97 = (select count(*) from entries); update bulk set text = md5(text || '$1') where number % 3 = 0; commit"
	sql "select json_build_object('name', '$1', 'timeline', $timeline, 'commit', json '$(commit_after "$before")', 'point',
		pg_create_restore_point('$1')::text, 'rows', (select json_agg(line) from ledger))" >>"$moments"
}

# backup TYPE: to both repositories side by side. The next moment is in another second: that is what the time of a backup is exact to.
backup() {
	local number pids=() pid
	say "$1 backup on timeline $timeline"
	for number in 1 2; do
		pgbackrest --repo=$number --type="$1" --log-level-console=warn backup &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	sleep 1.1
}

start() {
	pg_ctl start --silent --wait --pgdata "$data" --log "$log" && return
	tail -20 "$log"
	exit 1
}

# stop: PostgreSQL archives all that was written before it ends.
stop() { pg_ctl stop --silent --wait --pgdata "$data"; }

# go_back MOMENT BACKUP: a new timeline, along the history of the one that there is.
go_back() {
	say "back to $1"
	find "$data" -mindepth 1 -delete
	pgbackrest --log-level-console=warn --repo=1 --set="$2" --target-timeline="$timeline" --type=name --target="$1" --target-action=promote restore
	start
	until [ "$(sql 'select pg_is_in_recovery()')" = f ]; do sleep 0.1; done
	timeline=$(sql "select ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int")
	say "timeline $timeline"
}

# newest: the label of the newest backup.
newest() { pgbackrest --repo=1 --output=json info | jq -r '.[0].backup[-1].label'; }

make_cluster() {
	mkdir -p /var/lib/pgbackrest/encrypted
	cat >"$config" <<-EOS
		[global]
		log-level-file=off
		log-path=/tmp/pgbackrest/log
		lock-path=/tmp/pgbackrest
		compress-type=zst
		compress-level=1
		start-fast=y
		repo1-path=/var/lib/pgbackrest
		repo1-retention-full=8
		repo1-bundle=y
		repo1-block=y
		repo2-path=/var/lib/pgbackrest/encrypted
		repo2-retention-full=8
		repo2-bundle=y
		repo2-block=y
		repo2-cipher-type=aes-256-cbc
		repo2-cipher-pass=$passphrase

		[main]
		pg1-path=$data
		pg1-socket-path=$PGHOST
		pg1-user=postgres
	EOS
	initdb --set huge_pages=off --pgdata "$data" --username postgres --data-checksums --encoding UTF8 --locale-provider builtin \
		--locale C.UTF-8 --auth-local peer --auth-host scram-sha-256 --no-sync >/dev/null
	cat >>"$data/postgresql.conf" <<-EOS
		listen_addresses = ''
		fsync = off
		archive_mode = on
		archive_command = '/usr/bin/pgbackrest --config=$config --stanza=main archive-push "%p"'
		min_wal_size = 32MB
		wal_recycle = off
		wal_init_zero = off
	EOS
	start
	psql -Xq -v ON_ERROR_STOP=1 <<-'EOS'
		create role pgbackrest login;
		grant pg_read_all_settings, pg_checkpoint, pg_use_reserved_connections to pgbackrest;
		grant execute on function pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_create_restore_point(text), pg_switch_wal()
			to pgbackrest;
		create role app login password 'as it was then';
		create table entries (number int generated always as identity primary key, moment text, seen int default 0);
		create table bulk as select number, md5(number::text) as text from generate_series(1, 5000) number;
		create view ledger as
			select format('entry %s: %s, seen %s', number, moment, seen) as line from entries
			union all select format('bulk: %s rows, %s', count(*), md5(string_agg(number || text, ',' order by number))) from bulk
			union all select format('role %s, password %s', rolname, coalesce(rolpassword, 'none')) from pg_authid where rolname !~ '^pg_'
			union all select format('database %s', datname) from pg_database
			order by 1;
	EOS
	pgbackrest --log-level-console=warn stanza-create
}

make_cluster
backup full
moment a1
backup diff
diff=$(newest)
moment a2
moment a3
backup incr
moment a4
stop

go_back a2 "$diff"
moment b1
backup diff
diff=$(newest)
moment b2
stop
mkdir /tmp/kept
cp -a "$data/." /tmp/kept

go_back b2 "$diff"
moment c1
backup incr
moment c2
stop

say "timeline 2 goes on"
find "$data" -mindepth 1 -delete
cp -a /tmp/kept/. "$data"
timeline=2
start
moment b3
moment b4
stop
rm -rf /tmp/kept /tmp/pgbackrest "$config" "$log"
say "the ledger is made"
