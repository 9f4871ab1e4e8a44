# shellcheck shell=bash
# Proves that each repository answers, and that it can be written, read and cleaned, with the credentials it was given.

# repository_option DIRECTORY NUMBER OPTION: its value.
repository_option() {
	sed -n "s/^repo$2-$3=//p" "$1/conf.d/repo.conf"
}

# repository_name DIRECTORY NUMBER: what a reader recognises it by.
repository_name() {
	local type place
	type=$(repository_option "$1" "$2" type)
	case ${type:-posix} in
	s3 | gcs) place="bucket $(repository_option "$1" "$2" "$type-bucket")$(repository_option "$1" "$2" s3-endpoint | sed 's/^/ at /')" ;;
	azure) place="container $(repository_option "$1" "$2" azure-container)" ;;
	*) place=$(repository_option "$1" "$2" path) ;;
	esac
	echo "repo$2 (${type:-posix}, $place)"
}

# reason DIRECTORY NUMBER OUTPUT: what the error means and what to do.
reason() {
	local path host
	path=$(repository_option "$1" "$2" path)
	host=$(grep -oE "unable to get address for '[^']+'" <<<"$3" | grep -oE "'.*'" | head -n 1 || true)
	case $3 in
	*RequestTimeTooSkewed* | *[Cc]lock\ skew*) echo "the clock of this host is wrong: set it (timedatectl set-ntp true), then run pulumi up again" ;;
	*NoSuchBucket* | *ContainerNotFound* | *'bucket does not exist'*) echo "there is no such bucket: create it or correct its name" ;;
	*InvalidAccessKeyId* | *SignatureDoesNotMatch* | *AuthenticationFailed* | *invalid_grant* | *'failed with 401'*)
		echo "its credentials are wrong: correct the key and the secret in the stack's configuration"
		;;
	*AccessDenied* | *'failed with 403'* | *'403 (Forbidden)'*)
		echo "its credentials are wrong or lack a right: reading, writing, listing and deleting under ${path:-its path} are needed"
		;;
	*'unable to get address for'*) echo "the host ${host:-of its endpoint} is not known: correct the endpoint, or the DNS of this Docker host" ;;
	*'[095]'* | *certificate* | *CryptoError*) echo "its TLS certificate cannot be verified: give the CA that signed it (storage-ca-file), and an endpoint that the certificate names" ;;
	*'No space left'* | *'Disk quota exceeded'*) echo "its disk is full: free space or move it" ;;
	*'Read-only file system'* | *'[30]'*) echo "its file system is read-only: mount it writable" ;;
	*'Permission denied'* | *'[13]'*) echo "uid $(id -u) may not use it. On the Docker host: chown -R 999:999 <the directory that is mounted at $path>" ;;
	*'Connection refused'* | *timeout* | *'unable to connect'* | *HostConnectError* | *'[049]'*) echo "its host does not answer: check the endpoint, the port, the network and the firewall" ;;
	*'404 (Not Found)'* | *'failed with 404'* | *'[055]'*) echo "there is no such bucket: create it or correct its name" ;;
	*) echo "it cannot be used" ;;
	esac
}

# on_repository DIRECTORY NUMBER COMMAND...: runs it with bounded waiting, and fails with the reason.
on_repository() {
	local directory=$1 number=$2 output status=0
	shift 2
	output=$(clean_pgbackrest "$directory" --repo="$number" --io-timeout=4 "$@") || status=$?
	((status != 124)) || output="timeout: no answer within 90 s"
	((status == 0)) && { echo "$output" && return 0; }
	fail "repository $(repository_name "$directory" "$number"): $(reason "$directory" "$number" "$output")" \
		"pgBackRest says (command $1): $(grep -vE '^ *\*\*\*|^ *(date|x-|authorization|content-|host|server):' <<<"$output" | sed 's/^.*ERROR: *//' | head -n 6)"
}

# prove_repositories DIRECTORY
prove_repositories() {
	local number numbers marker content
	marker=setup-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
	numbers=$(sed -n 's/^repo\([0-9]*\)-.*/\1/p' "$1/conf.d/repo.conf" | sort -u)
	# Raw: pgBackRest has no passphrase for a file outside of its own directories, and what is proven needs none.
	for number in $numbers; do
		on_repository "$1" "$number" repo-ls >/dev/null </dev/null
		on_repository "$1" "$number" repo-put --raw "$marker" >/dev/null <<<"$marker"
		content=$(on_repository "$1" "$number" repo-get --raw "$marker" </dev/null) || exit 1
		[ "$content" = "$marker" ] ||
			fail "repository $(repository_name "$1" "$number"): what was written comes back changed"
		on_repository "$1" "$number" repo-rm "$marker" >/dev/null </dev/null
		say "repository $(repository_name "$1" "$number"): listed, written, read and cleaned"
	done
}
