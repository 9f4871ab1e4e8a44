#!/bin/bash
# Takes volumes of another set-up over, once: proves that they are what they should be, gives them to our user, and makes of the data
# a cluster that our containers can use. Root is needed for the ownership only. What is refused is left as it was.
#
# In: STANZA; DATA_VOLUME, the name of the volume at /var/lib/postgresql/data, or nothing; REPOSITORIES, paths at which repository
# volumes are mounted; as arguments the settings for PostgreSQL's command line. /adopted is a volume of the stack that remembers.
# Lines with NOTE are for people, also when all is well.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C.UTF-8

data=/var/lib/postgresql/data
volume=${DATA_VOLUME:-}
kept= # copy of the ALTER SYSTEM settings, to put back when something fails

# shellcheck source=adopt-checks.sh
. /usr/local/lib/pgbackrest/adopt-checks.sh
# shellcheck source=adopt-cluster.sh
. /usr/local/lib/pgbackrest/adopt-cluster.sh

say() { echo "$(date -u '+%F %T') adopt: $*"; }
note() { echo "NOTE: $*"; }
fail() {
	say "ERROR: $1" >&2
	shift
	(($# == 0)) || printf '  %s\n' "$@" >&2
	[ -z "$kept" ] || mv "$kept" "$data/postgresql.auto.conf"
	exit 1
}
trap 'exit 1' INT TERM

as_postgres() { setpriv --reuid 999 --regid 999 --clear-groups --inh-caps=-all "$@"; }

# mend_ownership DIRECTORY WHAT: gives what belongs to others to our user. Alpine's postgres is 70, other images have their own.
mend_ownership() {
	local foreign count
	foreign=$(find "$1" -ignore_readdir_race \( ! -uid 999 -o ! -gid 999 \) -printf '%U:%G\n' | sort | uniq -c)
	[ -n "$foreign" ] || return 0
	count=$(awk '{ sum += $1 } END { print sum }' <<<"$foreign")
	find "$1" -ignore_readdir_race \( ! -uid 999 -o ! -gid 999 \) -exec chown --no-dereference 999:999 {} +
	note "$2: $count files and directories belong to 999:999 now, before to $(awk '{ print $2 }' <<<"$foreign" | paste -sd ' ')"
}

adopt_data() {
	local identity
	check_layout
	identity="$volume $(control 'Database system identifier')"
	# From then on the cluster is ours and runs: this container may be made again at any time.
	if [ "$(cat /adopted/data 2>/dev/null || true)" = "$identity" ]; then
		say "the data volume $volume is adopted already: nothing to do"
		return 0
	fi
	check_stopped
	for path in ${REPOSITORIES:-}; do check_history "$path"; done
	mend_ownership "$data" "data volume $volume"
	case $(stat --format %a "$data") in
	700 | 750) ;;
	*) chmod 0700 "$data" ;;
	esac
	set_aside_alter_system
	prepare_cluster "$@"
	report_old_settings
	sync --file-system "$data"
	kept=
	echo "$identity" >/adopted/data
	say "the data volume $volume is adopted"
}

for path in ${REPOSITORIES:-}; do check_repository "$path"; done
[ -z "$volume" ] || adopt_data "$@"
for path in ${REPOSITORIES:-}; do mend_ownership "$path" "repository volume at $path"; done
say "done"
