# shellcheck shell=bash
# Writes a revision directory from what the setup container was given. Values are bytes: nothing is quoted or escaped, because
# pgBackRest reads a line of its files as it is.

# shellcheck source=archivers.sh
. /usr/local/lib/pgbackrest/archivers.sh

# linked_names: what is reached at the top of the volume through `current`, so that plain pgbackrest and PostgreSQL find it.
linked_names() { echo pgbackrest.conf conf.d postgresql.conf pg_hba.conf pg_ident.conf; }

# How the names of options end whose values must never be printed: of all that pgBackRest calls secure, but an endpoint.
secure='(key|secret|token|pass|passphrase|account)'

# secret_lines: every line that must never be printed.
secret_lines() {
	local variable name content
	for variable in $(compgen -v | grep -iE "^PGBACKREST_REPO[0-9]+_.*$secure$" || true); do printf '%s\n' "${!variable}"; done
	for variable in $(compgen -v | grep -E '^FILE_[0-9]+_CONTENT$' || true); do
		name=${variable%CONTENT}NAME
		content=${!variable}
		case ${!name:-} in
		repositories.json) ;;
		conf.d/repo.conf) sed -nE "s/^ *repo[0-9]+-[a-z0-9-]*$secure *= *//p" <<<"$content" ;;
		*)
			# A file is known by any line of some length, and by any text in it where it is JSON, as pgBackRest reads it.
			{
				cat <<<"$content"
				jq -r '.. | strings' <<<"$content" 2>/dev/null || true
			} | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//' | grep -E '.{8}' || true
			;;
		esac
	done
}

# redact TEXT: the text without any secret, also where a program has put one into its own message. The longest first, since one may
# contain another.
redact() {
	local text=$1 secret
	while IFS= read -r secret; do
		text=${text//"$secret"/<redacted>}
	done < <(secret_lines | sort -u | awk 'length { print length "\t" $0 }' | sort -rn | cut -f 2-)
	printf '%s\n' "$text"
}

# option_line NAME: the line of repo.conf for the variable PGBACKREST_REPO<n>_<OPTION>.
option_line() {
	local option=${1#PGBACKREST_} value=${!1}
	option=${option,,}
	option=${option//_/-}
	[[ $option =~ ^repo[1-8]-[a-z0-9-]+$ ]] ||
		fail "the variable $1 is none of PGBACKREST_REPO1_... to PGBACKREST_REPO8_...: remove it"
	[ -n "$value" ] || fail "the variable $1 is empty, which pgBackRest refuses: give it a value or remove it"
	[[ $value != *[$'\n\r\t\v\f']* ]] || fail "the value of $1 holds a line break or a tab: pgBackRest cannot read that from a file"
	[[ $value != ' '* && $value != *' ' ]] || fail "the value of $1 begins or ends with a blank, which pgBackRest would drop"
	printf '%s=%s\n' "$option" "$value"
}

# from_variables DIRECTORY: writes conf.d/repo.conf and repositories.json from PGBACKREST_REPO<n>_<OPTION>, for who runs the image without the
# program.
from_variables() {
	local names name number numbers
	names=$(compgen -v | grep '^PGBACKREST_' | sort) ||
		fail "no repository is given: set PGBACKREST_REPO1_TYPE to a type of pgBackRest, or to none"
	if [ "${PGBACKREST_REPO1_TYPE:-}" = none ]; then
		[ "$names" = PGBACKREST_REPO1_TYPE ] || fail "PGBACKREST_REPO1_TYPE is none, so no other variable may be set:" "$names"
		echo "# no repository: nothing is archived and nothing is backed up" >"$1/conf.d/repo.conf"
		echo '[]' >"$1/repositories.json"
		return
	fi
	{
		echo "# The repositories, made by the setup container from its variables. Do not edit: change them and run it again."
		echo "[global]"
		for name in $names; do option_line "$name"; done
	} >"$1/conf.d/repo.conf"
	numbers=$(grep -oE '^PGBACKREST_REPO[0-9]+' <<<"$names" | tr -dc '0-9\n' | sort -u)
	for number in $numbers; do
		jq -n --arg name "repo$number" --argjson number "$number" --arg place "$(place_of "$number")" '{$name, $number, $place}'
	done | jq -sc . >"$1/repositories.json"
}

# place_of NUMBER: what makes it this repository, from its variables.
place_of() {
	local prefix=PGBACKREST_REPO$1_ type part word place='' path
	type=${prefix}TYPE path=${prefix}PATH
	type=${!type:-posix} path=${!path:-/var/lib/pgbackrest}
	for part in BUCKET CONTAINER ENDPOINT HOST; do
		word=${part,,} part=$prefix${type^^}_$part
		[[ $word != endpoint ]] || word="at"
		[ -z "${!part:-}" ] || place+="$word ${!part} "
	done
	[ -z "$place" ] || place="${place% }, path "
	echo "$type:$place$path"
}

# check_repositories DIRECTORY: whether the two files are of the same repositories; `none` is there when there are none, and only then.
check_repositories() {
	local told written
	[ -e "$1/repositories.json" ] || fail "the file repositories.json is missing beside conf.d/repo.conf"
	told=$(jq -r 'if type == "array" then . else error("") end | map([.name, .place, .number] | if map(type) == ["string", "string", "number"] then .[2] else error("") end) | sort | map(tostring) | join(" ")' \
		"$1/repositories.json" 2>/dev/null) || fail "the file repositories.json is no list of {name, number, place}"
	written=$(sed -n 's/^repo\([0-9]*\)-.*/\1/p' "$1/conf.d/repo.conf" | sort -nu | paste -sd ' ')
	[ "$told" = "$written" ] || fail "the file repositories.json has the numbers '$told', and conf.d/repo.conf has '$written'"
	[ -n "$told" ] || touch "$1/none"
}

# former_repositories DIRECTORY: the same in the words of release 0.1.0, for its backup service, which runs on for some seconds while it is
# upgraded: in other words it would take them for other places, stop the backup that runs, and begin anew.
former_repositories() {
	jq -r 'map(.place | sub("^azure:container (?<container>\\S+) of account "; "azure:container \(.container) of ")) | join(" ") | if . == "" then "none" else . end' \
		"$1/repositories.json" >"$1/repositories"
}

# render DIRECTORY PATH: writes the revision to DIRECTORY, to be read as PATH later.
render() {
	local file names name i variable content
	rm -rf "$1"
	mkdir -p "$1/conf.d" "$1/files"
	for file in /setup/input/*; do
		[ -d "$file" ] || sed "s|@REVISION@|$2|g" "$file" >"$1/${file##*/}"
	done
	for file in /setup/input/files/*; do cp "$file" "$1/files/"; done
	for name in pgbackrest.conf postgresql.conf pg_hba.conf pg_ident.conf schedules; do
		[ -e "$1/$name" ] || fail "the input file /setup/input/$name is missing"
	done
	echo "$STANZA" >"$1/stanza"
	for variable in $(compgen -v | grep -E '^FILE_[0-9]+_NAME$' || true); do
		name=${!variable} i=${variable//[!0-9]/}
		content=FILE_${i}_CONTENT
		[ -n "${!content+set}" ] || fail "$variable is set, but $content is not"
		case $name in
		conf.d/repo.conf | repositories.json) printf '%s' "${!content}" >"$1/$name" ;;
		*)
			[[ $name =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] || fail "$variable is '$name': letters, digits, - _ . are allowed"
			printf '%s' "${!content}" >"$1/files/$name"
			;;
		esac
		# PostgreSQL refuses a key that its group can read.
		[[ $name != *.key ]] || chmod 0600 "$1/files/$name"
	done
	if [ -e "$1/conf.d/repo.conf" ]; then
		names=$(compgen -v | grep '^PGBACKREST_' || true)
		[ -z "$names" ] || fail "the repositories are given twice, in the file conf.d/repo.conf and as variables: remove the one or the other:" "$names"
	else
		from_variables "$1"
	fi
	check_repositories "$1"
	former_repositories "$1"
	sed -i "s|^\(repo[0-9]*-[a-z0-9-]*=\)@REVISION@/|\1$2/|" "$1/conf.d/repo.conf"
	render_archivers "$1"
	# Last: a directory without it is not complete and nobody's.
	echo "$REVISION" >"$1/revision"
}
