#!/usr/bin/env bash
# run.sh COMMAND...: runs a command of Pulumi on the stack, and keeps what it printed in pulumi.txt for the next step and the summary.
set -uo pipefail

# What is not set in the repository's settings arrives as an empty text, which Pulumi and AWS take for a value.
for name in PULUMI_ACCESS_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
	[ -n "${!name:-}" ] || unset "$name"
done
# Pulumi and its plugins have no use for the key.
unset DOCKER_SSH_KEY

npm run --silent pulumi -- "$@" --stack "$PULUMI_STACK" --non-interactive --color never 2>&1 | tee pulumi.txt
status=${PIPESTATUS[0]}

{
	echo "### pulumi $1 of $PULUMI_STACK: $([ "$status" = 0 ] && echo succeeded || echo failed)"
	echo
	echo '~~~~~~~~text'
	head -c 900000 pulumi.txt
	echo
	echo '~~~~~~~~'
} >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$status"
