# shellcheck shell=bash
# What apply does in PostgreSQL. Uses its functions say, fail and sql. Values come in as psql variables from the environment
# (\getenv), so that nothing secret is on a command line, and psql quotes them.
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file

# lock_holders: the sessions that this waits for. Not what they run: that may hold a password.
lock_holders() {
	sql <<-'EOS'
		select string_agg(distinct case holder when 0 then 'a prepared transaction (pg_prepared_xacts)' else
				format('process %s (role %s, database %s, application "%s", %s, its transaction begun at %s UTC)', holder, s.usename, s.datname,
					s.application_name, s.state, to_char(s.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')) end, ', ')
			from pg_stat_activity w cross join unnest(pg_blocking_pids(w.pid)) holder left join pg_stat_activity s on s.pid = holder
			where w.application_name = 'apply-configuration'
	EOS
}

# watch_locks: says who holds what this waits for, while it waits and once more when it has ended for want of it.
watch_locks() {
	local holders
	trap 'ended $?' EXIT
	while sleep 2; do
		holders=$(lock_holders 2>/dev/null) || holders=
		[ -z "$holders" ] || [ "$holders" = "$(cat /tmp/lock-holders 2>/dev/null)" ] || say "waiting for a lock that is held by $holders"
		echo "$holders" >/tmp/lock-holders
	done &
	watcher=$!
}

# ended STATUS
ended() {
	local holders
	kill "$watcher" 2>/dev/null || true
	(($1)) && [ -s /tmp/lock-holders ] || return 0
	holders=$(cat /tmp/lock-holders)
	[ -z "$holders" ] || say "ERROR: a lock was not to be had in time. It is held by $holders: let that end, or end it with" \
		"docker exec NAME-postgres psql -c 'select pg_terminate_backend(PROCESS)', and run up again" >&2
}

# apply_configuration: PostgreSQL reads its files again, and says what it does not like about them.
apply_configuration() {
	local before errors
	before=$(sql <<<'select pg_conf_load_time()')
	sql <<<'select pg_reload_conf()' >/dev/null
	until [ "$(sql <<<'select pg_conf_load_time()')" != "$before" ]; do
		((SECONDS < deadline)) || fail "PostgreSQL did not read its configuration again"
		sleep 0.1
	done
	errors=$(
		sql <<-'EOS'
			select format('%s line %s: %s %s', sourcefile, sourceline, name, error) from pg_file_settings
				where error is not null and error <> 'setting could not be applied'
			union all select format('pg_hba.conf line %s: %s', line_number, error) from pg_hba_file_rules where error is not null
			union all select format('pg_ident.conf line %s: %s', line_number, error) from pg_ident_file_mappings where error is not null
		EOS
	)
	[ -z "$errors" ] || fail "PostgreSQL does not accept its configuration:" "$errors"
	say "PostgreSQL has read its configuration"
}

# apply_roles: the backup service's role with no more than a backup needs, and the application's. Neither an application that takes all
# connections nor limits that are meant for applications end a backup, which keeps one connection idle while it copies for hours.
apply_roles() {
	sql <<-'EOS'
		begin;
		select 'create role pgbackrest' where not exists (select from pg_roles where rolname = 'pgbackrest') \gexec
		alter role pgbackrest login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password null;
		alter role pgbackrest connection limit -1;
		select format('alter role pgbackrest set %I = 0', name) from unnest('{statement_timeout, lock_timeout, transaction_timeout,
			idle_in_transaction_session_timeout, idle_session_timeout}'::text[]) name \gexec
		grant pg_read_all_settings, pg_checkpoint, pg_use_reserved_connections to pgbackrest;
		grant execute on function pg_backup_start(text, boolean), pg_backup_stop(boolean),
			pg_create_restore_point(text), pg_switch_wal() to pgbackrest;
		commit;
	EOS
	if [ -n "${ADOPTED:-}" ]; then
		adopted_role
	else
		sql <<-'EOS'
			\getenv role ROLE
			\getenv verifier ROLE_VERIFIER
			begin;
			select format('create role %I password %L', :'role', :'verifier')
				where not exists (select from pg_roles where rolname = :'role') \gexec
			alter role :"role" login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
			commit;
		EOS
	fi
	monitoring_role
	say "roles are as wanted: pgbackrest and $ROLE"
}

# monitoring_role: who asks for PostgreSQL's own metrics. It may look and nothing else, takes few connections, and gives up in time. Where they
# are not served it cannot log in; it stays, because somebody may have granted it more.
monitoring_role() {
	if ! jq -e '.database' "$REVISION_DIR/monitoring.json" >/dev/null 2>&1; then
		sql <<-'EOS'
			select 'alter role pgbackrest_monitoring nologin'
				where exists (select from pg_roles where rolname = 'pgbackrest_monitoring' and rolcanlogin) \gexec
		EOS
		return
	fi
	sql <<-'EOS'
		begin;
		select 'create role pgbackrest_monitoring' where not exists (select from pg_roles where rolname = 'pgbackrest_monitoring') \gexec
		alter role pgbackrest_monitoring login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password null connection limit 3;
		alter role pgbackrest_monitoring set default_transaction_read_only = on;
		alter role pgbackrest_monitoring set statement_timeout = '5s';
		grant pg_monitor to pgbackrest_monitoring;
		commit;
	EOS
}

# In a cluster that was taken over, the application's role and database are what they are: they must be there, and nothing of them
# changes but the password, where the settings have one (apply_password).
adopted_role() {
	local found roles
	roles=$(sql <<<"select string_agg(rolname, ', ' order by rolname) from pg_roles where rolcanlogin and rolname not in ('postgres', 'pgbackrest', 'pgbackrest_monitoring')")
	found=$(
		sql <<-'EOS'
			\getenv role ROLE
			select 1 from pg_roles where rolname = :'role';
		EOS
	)
	[ -n "$found" ] || fail "there is no role $ROLE in the adopted cluster: set pgbackrest:role to one of ${roles:-its roles}, or create it"
}

# apply_password: a role that is there gets its new password last of all, because with anything red before it the stack's output
# would go on naming the old one.
apply_password() {
	[ -n "${ROLE_VERIFIER:-}" ] || return 0
	sql <<-'EOS'
		\getenv role ROLE
		\getenv verifier ROLE_VERIFIER
		alter role :"role" password :'verifier';
	EOS
}

# apply_database: made once. With an init.sql it is filled under another name first, so that it is there complete or not at all. Until
# then it carries a mark: its owner, which no database has but by this (the role may make none), and from the next transaction on a
# comment. What has the name without the mark is somebody else's.
apply_database() {
	local exists making="${DATABASE:0:50} (unfinished)" mark="unfinished, made by apply-configuration.sh"
	exists=$(
		sql <<-'EOS'
			\getenv database DATABASE
			select 1 from pg_database where datname = :'database';
		EOS
	)
	if [ -n "${ADOPTED:-}" ]; then
		[ -n "$exists" ] || fail "there is no database $DATABASE in the adopted cluster: set pgbackrest:database to one of" \
			"$(sql <<<"select string_agg(datname, ', ' order by datname) from pg_database where not datistemplate"), or create it"
		return 0
	fi
	if [ -z "$exists" ]; then
		export MAKING=$making MARK=$mark
		remove_unfinished
		sql <<-'EOS'
			\getenv role ROLE
			\getenv making MAKING
			\getenv mark MARK
			create database :"making" owner pgbackrest;
			begin;
			comment on database :"making" is :'mark';
			alter database :"making" owner to :"role";
			commit;
		EOS
		if [ -e "$REVISION_DIR/init.sql" ]; then
			say "running init.sql"
			sql "$making" --single-transaction -v role="$ROLE" <"$REVISION_DIR/init.sql" ||
				fail "init.sql failed, so the database $DATABASE was not made. Correct the SQL (the error is above) and run this again."
		fi
		sql <<-'EOS'
			\getenv making MAKING
			\getenv database DATABASE
			begin;
			comment on database :"making" is null;
			alter database :"making" rename to :"database";
			commit;
		EOS
		say "database $DATABASE made, owned by $ROLE"
	fi
	sql <<-'EOS'
		\getenv role ROLE
		\getenv database DATABASE
		alter database :"database" owner to :"role";
	EOS
}

# remove_unfinished: what an earlier run of this left.
remove_unfinished() {
	local whose
	whose=$(
		sql <<-'EOS'
			\getenv making MAKING
			\getenv mark MARK
			select case when pg_get_userbyid(datdba) = 'pgbackrest' or shobj_description(oid, 'pg_database') = :'mark'
				then 'ours' else pg_get_userbyid(datdba) end from pg_database where datname = :'making';
		EOS
	)
	case $whose in
	'') ;;
	ours)
		sql <<-'EOS'
			\getenv making MAKING
			drop database :"making" with (force);
		EOS
		;;
	*) fail "there is a database \"$MAKING\", owned by $whose, which this has not made and does not touch. It needs the name: rename or drop that database, and run up again" ;;
	esac
}

report_pending_restart() {
	local pending
	pending=$(sql <<<"select string_agg(name, ', ' order by name) from pg_settings where pending_restart")
	[ -z "$pending" ] || fail "these PostgreSQL settings need a restart to take effect: $pending" "restart the postgres container: docker restart NAME-postgres"
}

# has_arrived SEGMENT NAMES: whether the archivers of all these repositories, a line each, have noted that they have it (archivers.sh).
has_arrived() {
	local stanza
	stanza=$(cat "$REVISION_DIR/stanza")
	[ "$(
		sql postgres -v segment="$1" -v names="$2" -v stanza="$stanza" <<-'EOS'
			select bool_and(exists (select from pg_ls_dir(format('/var/spool/pgbackrest/archivers/%s/archive/%s/out', name, :'stanza'), true, false) file
				where file = :'segment' || '.ok')) from string_to_table(:'names', chr(10)) name
		EOS
	)" = t ]
}

# prove_archiving: the WAL of this very server arrives. What the backup service has confirmed may have been the work of the one before. With a
# repository that is away PostgreSQL never hears of it, so it is each of the others whose archiver has to have it.
prove_archiving() {
	local segment names
	segment=$(sql <<<"select pg_walfile_name(pg_create_restore_point('apply-configuration'))")
	sql <<<"select pg_switch_wal()" >/dev/null
	until names=$(confirmed_names) && { [ -n "$names" ] && has_arrived "$segment" "$names"; } ||
		[ "$(sql <<<"select left(last_archived_wal, 24) >= '$segment' from pg_stat_archiver")" = t ]; do
		((SECONDS < deadline)) || fail "WAL of this PostgreSQL does not arrive in the repository within ${WAIT_TIMEOUT:-600} s:" \
			"see docker logs of the postgres container"
		sleep 0.5
	done
}
