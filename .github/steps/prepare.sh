#!/usr/bin/env bash
# Makes the runner able to read the stack's state and to reach its Docker host; says what is missing in the repository's settings.
set -euo pipefail

fail() {
	echo "::error::$1"
	exit 1
}

[ -n "${PULUMI_BACKEND_URL:-}" ] ||
	fail "The variable PULUMI_BACKEND_URL is not set: where the state is, such as s3://BUCKET or https://api.pulumi.com (Settings > Secrets and variables > Actions > Variables)."
case $PULUMI_BACKEND_URL in
https://*)
	[ -n "${PULUMI_ACCESS_TOKEN:-}" ] || fail "The secret PULUMI_ACCESS_TOKEN is not set: $PULUMI_BACKEND_URL asks for it."
	;;
*)
	[ -n "${PULUMI_CONFIG_PASSPHRASE:-}" ] ||
		fail "The secret PULUMI_CONFIG_PASSPHRASE is not set: the stack's secrets are encrypted with it."
	;;
esac

# An empty variable is not the same as none.
for name in PULUMI_ACCESS_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
	[ -n "${!name:-}" ] || unset "$name"
done

# A Docker host that is reached over ssh (pgbackrest:dockerHost) needs a key, and must be known.
if [ -n "${DOCKER_SSH_KEY:-}" ]; then
	[ -n "${DOCKER_KNOWN_HOSTS:-}" ] ||
		fail "The variable DOCKER_KNOWN_HOSTS is not set: the line that ssh-keyscan prints for the Docker host, checked by you."
	umask 077
	mkdir -p ~/.ssh
	printf '%s\n' "$DOCKER_SSH_KEY" >~/.ssh/id_pulumi
	printf '%s\n' "$DOCKER_KNOWN_HOSTS" >>~/.ssh/known_hosts
	printf 'Host *\n  IdentityFile ~/.ssh/id_pulumi\n  StrictHostKeyChecking yes\n' >>~/.ssh/config
fi
