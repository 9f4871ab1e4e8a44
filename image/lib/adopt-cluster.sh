# shellcheck shell=bash
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file
# Makes of another set-up's cluster one that our containers can use. Uses its functions say, note, fail and as_postgres.

# set_aside_alter_system: those settings would win over the published ones, unseen by any preview: an old archive_command most of all.
set_aside_alter_system() {
	local file=$data/postgresql.auto.conf copy
	[ -s "$file" ] && grep -qvE '^[[:space:]]*(#|$)' "$file" || return 0
	copy=$file.before-adoption
	[ ! -e "$copy" ] || copy+=-$(date -u +%Y%m%dT%H%M%SZ)
	as_postgres cp --preserve=mode "$file" "$copy.part"
	as_postgres mv "$copy.part" "$copy"
	printf '# Emptied when the volume was adopted; what was here is in %s\n' "${copy##*/}" >"$file"
	# shellcheck disable=SC2034 # fail puts it back
	kept=$copy
	note "settings of ALTER SYSTEM count no longer and are kept in ${copy##*/}: $(setting_names "$copy")"
}

# setting_names [FILE]: names only, values may be secrets.
setting_names() {
	sed -nE 's/^[[:space:]]*([A-Za-z_][A-Za-z0-9_.]*)[[:space:]]*[= ].*/\1/p' "$@" | tr '[:upper:]' '[:lower:]' | sort -u | paste -sd ' '
}

# report_old_settings: what is in the old postgresql.conf beyond what initdb writes there and what the program sets itself.
report_old_settings() {
	local names name left=()
	[ -e "$data/postgresql.conf" ] || return 0
	# Two that initdb writes with these values.
	names=$(grep -vE '^(max_connections = 100|shared_buffers = 128MB)\b' "$data/postgresql.conf" | setting_names)
	for name in $names; do
		case $name in
		archive_* | restore_command | listen_addresses | port | unix_socket_* | *_file | data_directory | log_* | logging_collector) ;;
		lc_* | datestyle | timezone | default_text_search_config | dynamic_shared_memory_type | max_wal_size | min_wal_size | wal_level) ;;
		*) left+=("$name") ;;
		esac
	done
	((${#left[@]} == 0)) || note "the old postgresql.conf counts no longer. Give what you want to keep of it in pgbackrest:settings: ${left[*]}"
}

# single DATABASE SETTING...: statements on standard input, each ended by a semicolon and an empty line, as the superuser and without a
# server that anybody could connect to. With the wanted settings, so that what keeps PostgreSQL from starting is known now; archiving is
# on, so that WAL of this run is archived later like any other. Prints the column `note` of what is found.
single() {
	local output status=0
	output=$(as_postgres postgres --single -j -D "$data" -c config_file=/tmp/empty.conf "${@:2}" -c archive_mode=on -c shared_buffers=16MB -c huge_pages=off \
		-c exit_on_error=on -c log_checkpoints=off "$1" 2>&1) || status=$?
	((status)) || grep -qE '(ERROR|FATAL|PANIC): ' <<<"$output" || {
		sed -nE 's/^.*: note = "(.*)"\t\(typeid.*$/\1/p' <<<"$output"
		return 0
	}
	fail "PostgreSQL does not run on the data volume $volume as it has to:" \
		"$(grep -E '(ERROR|FATAL|PANIC|DETAIL|HINT): ' <<<"$output" | sed 's/^.*\(ERROR\|FATAL\|PANIC\|DETAIL\|HINT\): */\1: /' | head -n 5)" \
		"A locale that is not known must be added to image/Dockerfile, a library to the image, a setting to pgbackrest:settings."
}

# prepare_cluster SETTING...: the superuser and the database that our containers use, and what people should know.
prepare_cluster() {
	local notes line
	: >/tmp/empty.conf
	chmod 0644 /tmp/empty.conf
	notes=$(
		single template1 "$@" <<-'EOS'
			do $$ begin
				if exists (select from pg_roles where rolname = 'postgres' and not rolsuper) then
					raise 'the role postgres is there but is no superuser, and this product needs that name' using hint =
						'Rename it (alter role postgres rename to ...) or make it superuser in the old set-up first.';
				elsif not exists (select from pg_roles where rolname = 'postgres') then
					create role postgres superuser createdb createrole replication bypassrls;
				end if;
				alter role postgres login;
			end $$;

			select '+database' as note where not exists (select from pg_database where datname = 'postgres');

			select '+locale ' || locale || ' ' || string_agg(distinct datname, ', ') as note
				from (select datname, datcollate from pg_database where datallowconn
					union select datname, datctype from pg_database where datallowconn) as used (datname, locale)
				group by locale;

			select 'data checksums are off: damage on the disk goes unnoticed. With PostgreSQL stopped, pg_checksums --enable adds them' as note
				where current_setting('data_checksums') = 'off';

			select 'these superusers may log in over the network, and a superuser can read the credentials of the repositories: '
					|| string_agg(rolname, ', ') || '. Give the application a role of its own' as note
				from pg_authid where rolsuper and rolcanlogin and rolname <> 'postgres' and rolpassword is not null having count(*) > 0;

			select 'passwords of these roles are stored as md5, with which nobody can log in here: set them anew: '
					|| string_agg(rolname, ', ') as note
				from pg_authid where rolcanlogin and rolpassword like 'md5%' having count(*) > 0;

			select 'text was sorted by another version of the C library or of ICU, so indexes on text may be out of order in: '
					|| string_agg(datname, ', ') || '. In each: reindex database NAME; alter database NAME refresh collation version' as note
				from pg_database where datallowconn and datcollversion is distinct from pg_database_collation_actual_version(oid)
				having count(*) > 0;

		EOS
	) || exit 1
	while read -r line; do
		case $line in
		+database)
			single template1 "$@" <<<$'create database postgres;\n\n' >/dev/null
			note "the database postgres was missing and has been made"
			;;
		+locale*) check_locale "${line#+locale }" ;;
		?*) note "$line" ;;
		esac
	done <<<"$notes"
}

# check_locale "LOCALE DATABASES": PostgreSQL lets nobody into a database with a locale that it does not know.
check_locale() {
	local name=${1%% *}
	! LC_ALL=$name locale charmap 2>&1 >/dev/null | grep -q . ||
		fail "the image does not know the locale $name of ${1#* }: add it to image/Dockerfile, beside en_US.UTF-8"
}
