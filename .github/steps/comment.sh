#!/usr/bin/env bash
# Puts what the preview said into one comment of the pull request, which the next preview changes: first what the change means, then
# everything. Takes pulumi.txt of the step before.
set -euo pipefail

stack=$PULUMI_STACK
marker="<!-- pulumi preview of $stack -->"
[ -s pulumi.txt ] || echo "The preview did not get as far as to say something: see the job's log." >pulumi.txt

# The lines of the explanation, of a set-up that moves in and of refusals, without what Pulumi puts before them.
meaning=$(sed -nE \
	-e '/What this change means:/,/^[[:space:]]*$/{s/^[[:space:]]*//; /^(DANGER|warning|note) /p}' \
	-e '/Moving in:$/,/^[[:space:]]*$/{/Moving in:$/d; s/^[[:space:]]*//; s/^[^[:space:]]/note &/; s/^note DANGER: /DANGER /; /./p}' \
	-e 's/^.*warning: (What this change means cannot be told)/warning \1/p' \
	-e 's/^[[:space:]]*(error: |(pgbackrest:[][A-Za-z0-9_.-]*: ))/\2/p' pulumi.txt | sed -E 's/^(DANGER|warning|note) +/- **\1** /; t; s/^/- **refused or failed** /')
# The bars of the recovery window before and after.
bars=$(sed -nE 's/^[[:space:]]*(Recovery window of repository .*:)$/\1/p; s/^[[:space:]]*((now|then)  +[^[:space:]].*)$/  \1/p' pulumi.txt)

{
	echo "$marker"
	echo "### What this pull request means for stack \`$stack\`"
	echo
	if [ -n "$meaning" ]; then
		echo "$meaning"
	elif grep -qE '^ *\+ .*pulumi:pulumi:Stack' pulumi.txt; then
		echo "A new stack: all of it is made, and there is nothing to compare with."
	else
		echo "Nothing of consequence for the database or its backups."
	fi
	echo
	if [ -n "$bars" ]; then
		printf '~~~~~~~~text\n%s\n~~~~~~~~\n\n' "$bars"
	fi
	echo "<details><summary>Everything that the preview says</summary>"
	echo
	echo '~~~~~~~~text'
	# GitHub takes 65536 characters.
	head -c 50000 pulumi.txt
	[ "$(wc -c <pulumi.txt)" -le 50000 ] || printf '\n... and more: see the log of the job.'
	echo
	echo '~~~~~~~~'
	echo
	echo "</details>"
} >comment.md

comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
id=$(gh api --paginate "$comments" --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | head -n 1)
if [ -n "$id" ]; then
	gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field body=@comment.md >/dev/null
else
	gh api --method POST "$comments" --field body=@comment.md >/dev/null
fi
