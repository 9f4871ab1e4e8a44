# shellcheck shell=bash
# Proves the PostgreSQL configuration with the real server: what `postgres` says to it is what it would say at its next start.
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file

proof=/tmp/postgresql-proof

# complaints OUTPUT: its messages, with the places in files as a user knows them.
complaints() {
	sed -n -E 's/^.*(LOG|FATAL|ERROR|HINT|DETAIL|CONTEXT): +//p' <<<"$1" |
		sed -E "s#$config/revisions/[^/]*/##g; /^configuration file .* contains errors/d"
}

# ask DIRECTORY PARAMETER ARGUMENTS...: the value that PostgreSQL would give the parameter.
ask() {
	postgres -C "$2" -D "$proof" -c config_file="$1/postgresql.conf" -c hba_file="$1/pg_hba.conf" -c ident_file="$1/pg_ident.conf" "${@:3}" 2>&1
}

# prove_libraries DIRECTORY ARGUMENTS...: a library that is not there stops PostgreSQL at its start or every new session.
prove_libraries() {
	local parameter library
	for parameter in shared_preload_libraries session_preload_libraries local_preload_libraries; do
		for library in $(ask "$1" "$parameter" "${@:2}" | tr -d '" ' | tr ',' ' '); do
			[[ $library == */* ]] || library=$(pg_config --pkglibdir 2>/dev/null || echo /usr/lib/postgresql/17/lib)/$library
			[ -e "${library%.so}.so" ] || fail "PostgreSQL: $parameter names the library ${library##*/}, which this image does not have"
		done
	done
}

# start_without_data DIRECTORY ARGUMENTS...: what a real server says until it ends for want of any data, and its exit status. It is kept
# as small as possible, and reachable by nobody; the last word on a setting counts.
start_without_data() {
	timeout 30 postgres -D "$proof" -c config_file="$1/postgresql.conf" -c hba_file="$1/pg_hba.conf" -c ident_file="$1/pg_ident.conf" "${@:2}" \
		-c listen_addresses= -c unix_socket_directories="$proof" -c shared_buffers=1MB -c shared_preload_libraries= \
		-c logging_collector=off -c log_destination=stderr -c log_min_messages=warning -c max_connections=20 -c superuser_reserved_connections=3 \
		-c reserved_connections=0 -c max_wal_senders=0 -c archive_mode=off -c summarize_wal=off 2>&1
}

# prove_access DIRECTORY ARGUMENTS...: pg_hba.conf and pg_ident.conf are read before the data is, so a server without any data proves them.
prove_access() {
	local output errors
	output=$(start_without_data "$@" -c huge_pages=off) || true
	errors=$(grep -B1 -E 'CONTEXT: .*line [0-9]+ of configuration file' <<<"$output" || true)
	# It got past both files only if it ends for want of the data.
	[ -n "$errors" ] || grep -q 'required WAL directory "pg_wal" does not exist' <<<"$output" || errors=$output
	[ -z "$errors" ] || fail "PostgreSQL does not accept its access rules:" "$(complaints "$errors")"
}

# huge_pages KILOBYTES: how many of this size the host has, or makes when asked. Those in use count: the running server has them.
huge_pages() {
	local directory=/sys/kernel/mm/hugepages/hugepages-$1kB
	echo $(($(cat "$directory/nr_hugepages" 2>/dev/null || echo 0) + $(cat "$directory/nr_overcommit_hugepages" 2>/dev/null || echo 0)))
}

# prove_huge_pages DIRECTORY ARGUMENTS...: the server ends at its start when it must have huge pages and there are too few. Where the
# host has some that its containers may not use (LXC, hugetlb limits), the first touch kills it with SIGBUS, also when it only tries.
prove_huge_pages() {
	local wanted size there needed status=0
	wanted=$(ask "$1" huge_pages "${@:2}")
	[ "$wanted" != off ] || return 0
	size=$(ask "$1" huge_page_size "${@:2}")
	((size > 0)) || size=$(awk '$1 == "Hugepagesize:" { print $2 }' /proc/meminfo)
	there=$(huge_pages "${size:-0}")
	if [ "$wanted" = on ]; then
		needed=$(ask "$1" shared_memory_size_in_huge_pages "${@:2}")
		((needed >= 0 && needed <= there)) ||
			fail "PostgreSQL: huge_pages is on, and the host has $there huge pages of ${size:-no} kB$( ((needed < 0)) || echo "; $needed are needed"):" \
				"make them on the Docker host (vm.nr_hugepages in sysctl), or set huge_pages to try or off in pgbackrest:settings"
	fi
	((there > 0)) || return 0
	start_without_data "$@" >/dev/null || status=$?
	((status != 128 + 7)) ||
		fail "PostgreSQL: the host has huge pages that its containers may not use, so the server would be killed at its start (SIGBUS):" \
			"set huge_pages to off in pgbackrest:settings, or raise the containers' hugetlb limit on the host"
}

# prove_postgresql DIRECTORY ARGUMENTS...
prove_postgresql() {
	local output parameter
	rm -rf "$proof"
	cp -r /usr/local/share/pgbackrest "$proof"
	mkdir "$proof/base" "$proof/pg_notify" "$proof/pg_tblspc"
	touch "$proof/postgresql.auto.conf"
	chmod -R u=rwX,g=,o= "$proof"

	output=$(ask "$1" config_file "${@:2}") || fail "PostgreSQL does not accept its settings:" "$(complaints "$output")"
	for parameter in "archive_mode on" "archive_command archive-push-pgbackrest \"%p\"" "archive_library "; do
		output=$(ask "$1" "${parameter%% *}" "${@:2}")
		[ "$output" = "${parameter#* }" ] ||
			fail "PostgreSQL: ${parameter%% *} is '$output' and must be '${parameter#* }': backups depend on it, remove it from the settings"
	done
	prove_libraries "$@"
	# A value that is computed takes the server through all checks between settings and loads the libraries.
	output=$(ask "$1" shared_memory_size "${@:2}") || fail "PostgreSQL cannot start with these settings:" "$(complaints "$output")"
	prove_huge_pages "$@"
	prove_access "$@"
	rm -rf "$proof"
}
