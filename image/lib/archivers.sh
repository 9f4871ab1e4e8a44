# shellcheck shell=bash
# A configuration for each repository alone, archivers/NUMBER/pgbackrest.conf in the revision: pgBackRest works on all repositories that it
# finds, and one that is away keeps the others from WAL. There it is repo1, whatever its number is.

# option_in_force DIRECTORY COMMAND OPTION: its value for the command, in pgBackRest's order of sections; nothing where no line sets it.
option_in_force() {
	local section value='' own=${STANZA%.setup-proof}
	for section in "$own:$2" "$own" "global:$2" global; do
		value=$(sed -s -n "/^ *\[$section\] *$/,/^ *\[/s/^ *$3 *= *//p" "$1/pgbackrest.conf" "$1/conf.d/repo.conf")
		[ -z "$value" ] || break
	done
	echo "$value"
}

# bytes SIZE: a size as pgBackRest writes it, in bytes; nothing for what is none, which pgBackRest refuses.
bytes() {
	local size=${1^^} units=KMGTP unit
	[[ $size =~ ^([0-9]+)(([$units])(I?B)?|B)?$ ]] || return 0
	unit=${units%%"${BASH_REMATCH[3]:-?}"*}
	[ -n "${BASH_REMATCH[3]}" ] && unit=$((${#unit} + 1)) || unit=0
	echo $((BASH_REMATCH[1] << 10 * unit))
}

# configuration_alone DIRECTORY NUMBER NAME ASYNC: the configuration of this repository alone. The limit of the queue is not in it: PostgreSQL waits for the slowest
# repository, and pgBackRest measures all that PostgreSQL waits with, so it would drop WAL of a repository that has next to nothing to do.
configuration_alone() {
	local place=archivers/$3
	echo "# The repository $3 alone, whose number is $2: made by the setup container from pgbackrest.conf and conf.d/repo.conf. Do not edit."
	sed -E "/^ *repo[0-9]+-/{/^ *repo$2-/!d;s/^ *repo$2-/repo1-/};/^ *(spool-path|lock-path|archive-push-queue-max) *=/d$4" \
		"$1/pgbackrest.conf" "$1/conf.d/repo.conf"
	echo "[global]"
	echo "# What it has got of the WAL that PostgreSQL waits with, and who is at work for it."
	echo "spool-path=/var/spool/pgbackrest/$place"
	echo "lock-path=/tmp/pgbackrest/$place"
	# Only there is it known what one of them has when PostgreSQL is kept waiting by another.
	[ -z "$4" ] || echo "archive-async=y"
}

# render_archivers DIRECTORY: writes them for all repositories of this revision, and archivers/queue-max, the limit in bytes where there is one.
render_archivers() {
	local repositories number name async='' limit
	repositories=$(jq -r '.[] | "\(.number) \(.name)"' "$1/repositories.json")
	[ -n "$repositories" ] || return 0
	name=$(cut -d ' ' -f 2- <<<"$repositories" | sort | uniq -d)
	[ -z "$name" ] || fail "two repositories have the name ${name%%$'\n'*}: give each one of its own"
	[[ $repositories != *$'\n'* ]] || async=';/^ *archive-async *=/d'
	while read -r number name; do
		[[ $name =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || fail "a repository's name is '$name': letters, digits, - _ . are allowed"
		mkdir -p "$1/archivers/$number"
		configuration_alone "$1" "$number" "$name" "$async" >"$1/archivers/$number/pgbackrest.conf"
	done <<<"$repositories"
	limit=$(bytes "$(option_in_force "$1" archive-push archive-push-queue-max)")
	[ -z "$limit" ] || echo "$limit" >"$1/archivers/queue-max"
}
