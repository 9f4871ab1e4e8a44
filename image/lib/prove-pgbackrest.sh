# shellcheck shell=bash
# Proves a configuration that is not published yet with the real pgBackRest: as each command that we use reads it, because options
# are checked only by the commands they are for. Nothing here reaches a server or leaves anything behind.

# There in an image with Debian stable's pgBackRest: a line that says why, and what is lost.
stable=/usr/local/share/pgbackrest/stable

# clean_pgbackrest ARGUMENTS...: without our environment, whose PGBACKREST_* variables would override the files. Only what pgBackRest needs
# for a role with a token (keyType web-id) stays, as in the containers that use the repository.
clean_pgbackrest() {
	env -i PATH="$PATH" LC_ALL="$LC_ALL" ${AWS_ROLE_ARN:+AWS_ROLE_ARN="$AWS_ROLE_ARN"} \
		${AWS_WEB_IDENTITY_TOKEN_FILE:+AWS_WEB_IDENTITY_TOKEN_FILE="$AWS_WEB_IDENTITY_TOKEN_FILE"} timeout --kill-after=5 90 \
		pgbackrest --stanza="$STANZA" "$@" --log-level-stderr=off --log-level-file=off --log-level-console=warn 2>&1
}

# explain_line DIRECTORY MESSAGE: the lines of the configuration that set the options which the message names.
explain_line() {
	local word
	for word in $(grep -oE "'[a-z0-9-]+'" <<<"$2" | tr -d "'" || true); do
		(cd "$1" && grep -nE "^ *$word *=" pgbackrest.conf conf.d/repo.conf) | sed 's/^\([^:]*\):\([0-9]*\):/in \1, line \2: /' || true
	done
}

# prove_command DIRECTORY EXPECTED COMMAND...: fails unless all that the command complains about is what EXPECTED allows it to.
prove_command() {
	local directory=$1 output status=0 complaint
	export EXPECTED=$2
	shift 2
	output=$(clean_pgbackrest --config-path="$directory" "$@" </dev/null) || status=$?
	((status != 124)) || fail "pgbackrest $1 did not end within 90 s: is a repository's host reachable?"
	complaint=$(awk '/(WARN|ERROR):/ {show = $0 !~ ENVIRON["EXPECTED"]} show' <<<"$output" | sed -E 's/^.*(WARN|ERROR): *//' | head -n 8)
	[[ $complaint != *"unable to load info file"* ]] ||
		fail "what the repository holds cannot be read: its encryption (repo-cipher-type, repo-cipher-pass) is not the one it was made with." \
			"It is fixed when the stanza is made: give the old passphrase back, or use a new path."
	[ -z "$complaint" ] || fail "pgBackRest $(pgbackrest version | cut -d' ' -f2) does not accept the configuration (command $1):" \
		"$complaint" "$(explain_line "$directory" "$complaint")" \
		"Correct the template config/pgbackrest/pgbackrest.conf or the stack's settings. What each option means: pgbackrest help $1" \
		"$([ ! -e "$stable" ] || echo "It is Debian stable's; with pgbackrest:release newest it may know what this one does not.")"
	((status == 0)) || grep -qE "$EXPECTED" <<<"$output" || fail "pgbackrest $1 ended with status $status and said: $output"
}

# prove_sections DIRECTORY: pgBackRest ignores a section whose name it does not know, and with it all that is meant to be in force.
prove_sections() {
	local section commands
	commands=$(pgbackrest help | sed -n '/^Commands:/,$s/^    \([a-z-]*\) .*/\1/p')
	while read -r section; do
		[[ $section == "$STANZA" || $section == global ]] ||
			{ [[ $section == "$STANZA":* || $section == global:* ]] && grep -qxF -- "${section#*:}" <<<"$commands"; } ||
			fail "pgBackRest would ignore the section [$section] of $(cd "$1" && grep -lF "[$section]" pgbackrest.conf conf.d/repo.conf | head -n 1)." \
				"Allowed are [global], [$STANZA], and both with a command, as in [global:archive-push]."
	done < <(sed -n 's/^[[:space:]]*\[\(.*\)\][[:space:]]*$/\1/p' "$1/pgbackrest.conf" "$1/conf.d/repo.conf")
	sed -n "/^\[$STANZA\]/,/^\[/p" "$1/pgbackrest.conf" | grep -q '^ *pg1-path *=' ||
		fail "pgbackrest.conf has no pg1-path in a section [$STANZA]: the stanza must be there under its name"
}

# prove_pgbackrest DIRECTORY: without touching a repository, so that a mistake in a line is told before anything slow begins.
prove_pgbackrest() {
	[ ! -e "$stable" ] || echo "NOTE: $(cat "$stable")"
	local wal='ERROR: \[043\]: WAL segment to (push|get) required' output
	prove_command "$1" "$wal" archive-push
	# And once without options of ours, which would hide a mistake in a line that sets the same option.
	output=$(env -i PATH="$PATH" LC_ALL="$LC_ALL" pgbackrest --config-path="$1" --stanza="$STANZA" archive-push 2>&1 </dev/null) ||
		(($? == 43)) || fail "pgBackRest does not accept an option of its logs:" "$output"
	prove_sections "$1"
	prove_command "$1" "$wal" archive-get
}

# prove_commands DIRECTORY: the commands that look into the repository, or into a place for one, before they end for want of a
# server, a backup or a valid label. Where a repository is away, in another that answers.
prove_commands() {
	local in=(${answers:+"--repo=$answers"})
	local server='unable to check pg[0-9]+: \[DbConnectError\]|ERROR: \[027\]: no database found|ERROR: \[056\]'
	local empty='(ERROR: \[055\]:|WARN: repo[0-9]+: \[FileMissingError\]) unable to load info file'
	prove_command "$1" '^$' info "${in[@]}"
	prove_command "$1" "$server|$empty" backup "${in[@]}" --lock-path=/tmp/pgbackrest-proof
	prove_command "$1" "$server" check
	prove_command "$1" "$server" stanza-create --lock-path=/tmp/pgbackrest-proof
	prove_command "$1" "'none' is not a valid backup label format" expire --lock-path=/tmp/pgbackrest-proof --dry-run --set=none "${in[@]}"
	prove_command "$1" '^$' verify --set=none --output=text "${in[@]}"
	prove_command "$1" "$empty|no backup sets to restore|ERROR: \[075\]" restore --set=none --pg1-path=/nonexistent/data "${in[@]}"
}
