# shellcheck shell=bash
# What apply does in PostgreSQL. Uses its functions say, fail and sql. Values come in as psql variables from the environment
# (\getenv), so that nothing secret is on a command line, and psql quotes them.
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file

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

# apply_roles: the backup service's role with no more than a backup needs, and the application's.
apply_roles() {
	sql <<-'EOS'
		begin;
		select 'create role pgbackrest' where not exists (select from pg_roles where rolname = 'pgbackrest') \gexec
		alter role pgbackrest login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password null;
		grant pg_read_all_settings, pg_checkpoint to pgbackrest;
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
	say "roles are as wanted: pgbackrest and $ROLE"
}

# In a cluster that was taken over, the application's role and database are what they are: they must be there, and nothing of them
# changes but the password, where the settings have one (apply_password).
adopted_role() {
	local found roles
	roles=$(sql <<<"select string_agg(rolname, ', ' order by rolname) from pg_roles where rolcanlogin and rolname not in ('postgres', 'pgbackrest')")
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

# apply_database: made once. With an init.sql it is filled under another name first, so that it is there complete or not at all.
apply_database() {
	# A name that the settings allow to no database, so what has it is what an earlier run of this left.
	local exists making="${DATABASE:0:50} (unfinished)"
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
		MAKING=$making sql <<-'EOS'
			\getenv role ROLE
			\getenv making MAKING
			drop database if exists :"making" with (force);
			create database :"making" owner :"role";
		EOS
		if [ -e "$REVISION_DIR/init.sql" ]; then
			say "running init.sql"
			sql "$making" --single-transaction -v role="$ROLE" <"$REVISION_DIR/init.sql" ||
				fail "init.sql failed, so the database $DATABASE was not made. Correct the SQL (the error is above) and run this again."
		fi
		MAKING=$making sql <<-'EOS'
			\getenv making MAKING
			\getenv database DATABASE
			alter database :"making" rename to :"database";
		EOS
		say "database $DATABASE made, owned by $ROLE"
	fi
	sql <<-'EOS'
		\getenv role ROLE
		\getenv database DATABASE
		alter database :"database" owner to :"role";
	EOS
}

report_pending_restart() {
	local pending
	pending=$(sql <<<"select string_agg(name, ', ' order by name) from pg_settings where pending_restart")
	[ -z "$pending" ] || fail "these PostgreSQL settings need a restart to take effect: $pending" "restart the postgres container: docker restart NAME-postgres"
}
