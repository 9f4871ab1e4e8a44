# shellcheck shell=bash
# Writes a revision directory from what the setup container was given. Values are bytes: nothing is quoted or escaped, because
# pgBackRest reads a line of its files as it is.

# linked_names: what is reached at the top of the volume through `current`, so that plain pgbackrest and PostgreSQL find it.
linked_names() { echo pgbackrest.conf conf.d postgresql.conf pg_hba.conf pg_ident.conf; }

# secrets: the names of the variables whose values must never be printed.
secret_names() {
	compgen -v | grep -E '^(PGBACKREST_REPO[0-9]+_.*(KEY|SECRET|TOKEN|PASS|PASSPHRASE|ACCOUNT)|FILE_[0-9]+_CONTENT)$' || true
}

# redact TEXT: the text without any secret, also where a program has put one into its own message.
redact() {
	local text=$1 name
	for name in $(secret_names); do
		[ -z "${!name}" ] || text=${text//"${!name}"/<redacted>}
	done
	printf '%s\n' "$text"
}

# option_line NAME PATH: the line of repo.conf for the variable PGBACKREST_REPO<n>_<OPTION>.
option_line() {
	local option=${1#PGBACKREST_} value=${!1}
	option=${option,,}
	option=${option//_/-}
	[[ $option =~ ^repo[1-4]-[a-z0-9-]+$ ]] ||
		fail "the variable $1 is none of PGBACKREST_REPO1_... to PGBACKREST_REPO4_...: remove it"
	[ -n "$value" ] || fail "the variable $1 is empty, which pgBackRest refuses: give it a value or remove it"
	[[ $value != *[$'\n\r\t\v\f']* ]] || fail "the value of $1 holds a line break or a tab: pgBackRest cannot read that from a file"
	[[ $value != ' '* && $value != *' ' ]] || fail "the value of $1 begins or ends with a blank, which pgBackRest would drop"
	printf '%s=%s\n' "$option" "${value//@REVISION@/"$2"}"
}

# render DIRECTORY PATH: writes the revision to DIRECTORY, to be read as PATH later.
render() {
	local file names name i variable content
	rm -rf "$1"
	mkdir -p "$1/conf.d" "$1/files"
	for file in /setup/input/*; do
		sed "s|@REVISION@|$2|g" "$file" >"$1/${file##*/}"
	done
	for name in pgbackrest.conf postgresql.conf pg_hba.conf pg_ident.conf schedules; do
		[ -e "$1/$name" ] || fail "the input file /setup/input/$name is missing"
	done
	echo "$STANZA" >"$1/stanza"
	echo "${REPOSITORIES:-}" >"$1/repositories"

	names=$(compgen -v | grep '^PGBACKREST_' | sort) || fail "no repository is given: set PGBACKREST_REPO1_TYPE to posix, s3, azure or gcs, or to none"
	if [ "${PGBACKREST_REPO1_TYPE:-}" = none ]; then
		[ "$names" = PGBACKREST_REPO1_TYPE ] || fail "PGBACKREST_REPO1_TYPE is none, so no other variable may be set:" "$names"
		touch "$1/none"
		echo "# no repository: nothing is archived and nothing is backed up" >"$1/conf.d/repo.conf"
	else
		{
			echo "# The repositories, made by the setup container. Do not edit: change the stack's configuration and run pulumi up."
			echo "[global]"
			for name in $names; do option_line "$name" "$2"; done
		} >"$1/conf.d/repo.conf"
	fi

	for variable in $(compgen -v | grep -E '^FILE_[0-9]+_NAME$' || true); do
		name=${!variable} i=${variable//[!0-9]/}
		content=FILE_${i}_CONTENT
		[[ $name =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] || fail "$variable is '$name': letters, digits, - _ . are allowed"
		[ -n "${!content+set}" ] || fail "$variable is set, but $content is not"
		printf '%s' "${!content}" >"$1/files/$name"
		# PostgreSQL refuses a key that its group can read.
		[[ $name != *.key ]] || chmod 0600 "$1/files/$name"
	done
	# Last: a directory without it is not complete and nobody's.
	echo "$REVISION" >"$1/revision"
}
