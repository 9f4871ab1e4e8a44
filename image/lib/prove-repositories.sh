# shellcheck shell=bash
# Proves that each repository answers, and that it can be written, read and cleaned, with the credentials it was given.

# repository_option DIRECTORY NUMBER OPTION: its value.
repository_option() {
	sed -n "s/^repo$2-$3=//p" "$1/conf.d/repo.conf"
}

# clock_skew OUTPUT: by how many seconds the server's clock is ahead of ours; nothing when it did not say, or by little.
clock_skew() {
	local there
	there=$(sed -n '/\*\*\* Response Headers/,$s/^ *date: *//p' <<<"$1" | head -n 1)
	there=$(date --date="${there:-invalid}" +%s 2>/dev/null) || return 0
	there=$((there - EPOCHSECONDS))
	# Amazon, Azure and Google all accept a quarter of an hour.
	((there > 600 || there < -600)) && echo "$there"
	return 0
}

# said_by_kind DIRECTORY NUMBER OUTPUT: what the error means by the words of the repository's kind, REPOSITORY_REASONS: a line each, with a
# kind, a part of an error, and the reason, behind a tab each.
said_by_kind() {
	local kind part text own
	own=$(jq -r --argjson number "$2" '.[] | select(.number == $number).place | sub(":.*"; "")' "$1/repositories.json")
	while IFS=$'\t' read -r kind part text; do
		[[ $kind != "$own" || $3 != *"$part"* ]] || {
			echo "$text"
			return
		}
	done <<<"${REPOSITORY_REASONS:-}"
}

# reason DIRECTORY NUMBER OUTPUT: what the error means and what to do.
reason() {
	local path host ca skew text
	text=$(said_by_kind "$1" "$2" "$3")
	[ -z "$text" ] || {
		echo "$text"
		return
	}
	path=$(repository_option "$1" "$2" path)
	ca=$(repository_option "$1" "$2" storage-ca-file)
	host=$(grep -oE "(unable to get address for|unable to find hostname) '[^']+'" <<<"$3" | grep -oE "'.*'" | head -n 1 || true)
	skew=$(clock_skew "$3")
	[ -z "$skew" ] || [[ $3 != *'failed with 40'* ]] || {
		echo "this host's clock differs by $((${skew#-} / 60)) minutes from the server's, which therefore refuses every request: set it (timedatectl set-ntp true), then run pulumi up again"
		return
	}
	case $3 in
	*RequestTimeTooSkewed* | *'Request date header too old'* | *'short-lived token'* | *[Cc]lock\ skew*)
		echo "the clock of this host is wrong: set it (timedatectl set-ntp true), then run pulumi up again"
		;;
	*metadata.google.internal*)
		echo "this is no machine of Google, or it has no service account, or containers cannot reach its metadata service: attach one, or give the key of one (keyType: service)"
		;;
	*'unable to get address for'*) echo "the host ${host:-of its endpoint} is not known: correct the endpoint, or the DNS of this Docker host" ;;
	*'unable to find hostname'*)
		echo "its TLS certificate cannot be verified: it is for other names than ${host:-the host}: correct the endpoint (or uriStyle: host puts the bucket in front of it), or give the server a certificate with that name"
		;;
	*'[9] certificate is not yet valid'*) echo "its TLS certificate cannot be verified: it is not valid yet, so the clock of this host is behind, or the certificate is wrong" ;;
	*'[10] certificate has expired'*) echo "its TLS certificate cannot be verified: it has expired; renew it on the server, or set the clock of this host" ;;
	*'unable to verify certificate'*)
		if [ -n "$ca" ]; then
			echo "its TLS certificate cannot be verified: it was not signed by the CA in caFile; give the one that did, and all that the server uses"
		else
			echo "its TLS certificate cannot be verified: it was not signed by a public CA; give the CA that did with caFile"
		fi
		;;
	*'unable to set user-defined CA'*) echo "its caFile is no certificate that OpenSSL can read: give PEM text" ;;
	*'[095]'* | *CryptoError*) echo "a TLS connection to it cannot be made: does its host and port speak TLS? For plain HTTP write http:// before it" ;;
	*"expected protocol 'https'"*) echo "plain HTTP needs pgBackRest 2.58, and the image has an older one: set pgbackrest:release to newest, or put TLS in front of the server" ;;
	*NoSuchBucket* | *ContainerNotFound* | *'bucket does not exist'*) echo "there is no such bucket: create it or correct its name" ;;
	*PermanentRedirect* | *AuthorizationHeaderMalformed* | *IllegalLocationConstraint*)
		echo "the bucket is in another region: correct the region (and the endpoint, if it is set)"
		;;
	*InvalidAccessKeyId*) echo "its credentials are wrong: the server does not know this key; correct the key in the stack's configuration" ;;
	*SignatureDoesNotMatch*) echo "its credentials are wrong: the secret does not belong to the key; correct the secret in the stack's configuration" ;;
	*ExpiredToken* | *'Signature not valid in the specified time frame'*) echo "its credentials have expired: set new ones in the stack's configuration" ;;
	*AuthenticationFailed* | *invalid_grant* | *'failed with 401'*)
		echo "its credentials are wrong: correct the key in the stack's configuration"
		;;
	*'unable to find a valid repository'*169.254* | *'169.254.169.254'*)
		echo "the machine has no role, or containers cannot ask for it: attach the role, and set the hop limit of its metadata service to 2"
		;;
	*AccessDenied* | *AuthorizationPermissionMismatch* | *'failed with 403'* | *'403 (Forbidden)'*)
		echo "its credentials are wrong or lack a right: reading, writing, listing and deleting under ${path:-its path} are needed; or the bucket is somebody else's"
		;;
	*'No space left'* | *'Disk quota exceeded'*) echo "its disk is full: free space or move it" ;;
	*'Read-only file system'* | *'[30]'*) echo "its file system is read-only: mount it writable" ;;
	*'failed to create symbolic link'* | *'unable to sync path'*)
		echo "its file system has no symbolic links, or cannot write a directory through to the disk: give it the type that is for such file systems (an SMB share, some NAS)"
		;;
	*'Permission denied'* | *'[13]'*) echo "uid $(id -u) may not use it. On the Docker host: chown -R 999:999 <the directory that is mounted at $path>" ;;
	*'Connection refused'* | *timeout* | *'unable to connect'* | *HostConnectError* | *'[049]'*) echo "its host does not answer: check the endpoint, the port, the network and the firewall" ;;
	*'404 (Not Found)'* | *'failed with 404'* | *'[055]'*) echo "there is no such bucket: create it or correct its name" ;;
	*) echo "it cannot be used" ;;
	esac
}

# fresh OUTPUT: whether this is what a key or a bucket that was made a moment ago is told, until all of the cloud knows of it.
fresh() {
	case $1 in
	*InvalidAccessKeyId* | *SignatureDoesNotMatch* | *AccessDenied* | *NoSuchBucket* | *'failed with 403'* | *'failed with 404'*) ((SECONDS < ${REPOSITORY_PATIENCE:-0})) ;;
	*) return 1 ;;
	esac
}

# alone DIRECTORY NUMBER COMMAND...: pgBackRest on this repository. Some commands work on all that they find.
# A server that is busy may take some seconds for an answer; three tries of each must fit into the time of a command.
alone() {
	clean_pgbackrest --config="$1/archivers/$2/pgbackrest.conf" --io-timeout=10 "${@:3}" </dev/null
}

# on_repository DIRECTORY NUMBER COMMAND...: the same with bounded waiting; fails with the reason.
on_repository() {
	local directory=$1 number=$2 output status told
	shift 2
	while :; do
		status=0
		output=$(alone "$directory" "$number" "$@") || status=$?
		# 1 without a word: it is missing, and that is all right.
		((status == 0)) || [ "$status:$output" = 1: ] && { echo "$output" && return 0; }
		fresh "$output" || break
		say "repository $(repository_name "$directory" "$number"): not usable yet, trying again" >&2
		sleep 5
	done
	((status != 124)) || output="timeout: no answer within 90 s"
	# The reason is worth more than the remains.
	[ -z "${writing:-}" ] || remove_proof alone "$directory" "$number" >/dev/null 2>&1 || true
	! may_be_full "$directory" "$output" || exit "$full"
	# Of an HTTP conversation only what was asked and what was answered says something.
	told=("repository $(repository_name "$directory" "$number"): $(reason "$directory" "$number" "$output")"
	"pgBackRest says (command $1): $(grep -vE '^ *(\*\*\*|[a-z0-9-]+: )' <<<"${output//repo1/repo$number}" | sed 's/^.*ERROR: *//; s/^ *//' | head -n 5 | cut -c 1-400)")
	! is_in_force "$directory" "$number" || {
		printf '%s\n' "${told[@]}" >"/tmp/away.$number"
		exit "$away"
	}
	fail "${told[@]}"
}

# What the proof ends with where there is no room for it, and where the repository cannot be used, if that alone is no reason to refuse.
full=75 away=76

# declared DIRECTORY NUMBER: all that is said of the repository, with what is in the files that it names.
declared() {
	local line file
	while IFS= read -r line; do
		file=${line#*=}
		if [[ $file == */revisions/*/files/* ]]; then
			echo "${line%%=*}"
			cat "$file"
		else
			echo "$line"
		fi
	done < <(sed -n "/^ *repo$2-/p" "$1/pgbackrest.conf" "$1/conf.d/repo.conf" 2>/dev/null || true)
}

# is_in_force DIRECTORY NUMBER: whether the repository is declared as it is in force already: what is wrong with it is no fault of this change.
is_in_force() { cmp -s <(declared "$1" "$2") <(declared /etc/pgbackrest/current "$2"); }

# may_be_full DIRECTORY OUTPUT: whether it is full, and the same place as before. A smaller retention, which makes room, must not be refused.
may_be_full() {
	[[ $2 == *'No space left'* || $2 == *'Disk quota exceeded'* ]] && cmp -s "$1/repositories" /etc/pgbackrest/current/repositories
}

# remove_proof HOW DIRECTORY NUMBER: what is left of a proof, also of one that was killed.
remove_proof() {
	local path
	"$@" repo-rm --recurse "backup/$STANZA"
	"$@" repo-rm --recurse "archive/$STANZA"
	# On this host the directories above remain, empty in a new repository.
	path=$(repository_option "$2" "$3" path)
	path=${path:-/var/lib/pgbackrest}
	rmdir --ignore-fail-on-non-empty "$path/archive" "$path/backup" 2>/dev/null || true
}

# makes_links DIRECTORY NUMBER: whether pgBackRest ends its backups with a link there.
makes_links() {
	local type
	type=$(repository_option "$1" "$2" type)
	[[ ${type:-posix} == posix ]] || return 1
	[ "$(option_in_force "$1" backup "repo$2-symlink")" != n ]
}

# prove_links DIRECTORY NUMBER: whether its file system has the links that backups end with. pgBackRest would tell after each copy.
prove_links() {
	local path said
	makes_links "$1" "$2" || return 0
	path=$(repository_option "$1" "$2" path)
	said=$(ln -s archive.info "${path:-/var/lib/pgbackrest}/archive/$STANZA/link" 2>&1) || {
		remove_proof alone "$1" "$2" >/dev/null 2>&1 || true
		fail "repository $(repository_name "$1" "$2"): $(reason "$1" "$2" "$said")" \
			"Or set repo$2-symlink to n in options, where directories are written through to the disk and links are all that is missing." "$said"
	}
}

# The data directory that a scratch stanza is made from: of a PostgreSQL that never ran.
scratch=/usr/local/share/pgbackrest

# write_proof DIRECTORY NUMBER: makes a scratch stanza, reads it back and removes it.
write_proof() {
	local system content writing=
	remove_proof on_repository "$1" "$2"
	writing=yes
	on_repository "$1" "$2" stanza-create --no-online --pg1-path="$scratch" --lock-path=/tmp/pgbackrest-proof
	prove_links "$1" "$2"
	content=$(on_repository "$1" "$2" repo-get "archive/$STANZA/archive.info")
	remove_proof on_repository "$1" "$2"
	system=$(pg_controldata -D "$scratch" | sed -n 's/^Database system identifier: *//p')
	grep -qxF "db-system-id=$system" <<<"$content" ||
		fail "repository $(repository_name "$1" "$2"): what was written comes back changed"
}

# prove_repository DIRECTORY NUMBER
prove_repository() {
	# Reading comes first: only to a GET does every cloud say what is wrong with a key.
	on_repository "$1" "$2" repo-get --ignore-missing "archive/$STANZA/archive.info"
	write_proof "$1" "$2"
}

# prove_repositories DIRECTORY: sets answers to the number of one that answers where another is away. That is no reason to refuse when nothing
# about it changes and there is another: the limit of the WAL that waits for it, say, must be changed just then.
prove_repositories() {
	local number numbers status proven='' are_away=() told
	# One name, so that what a killed proof leaves behind is removed by the next; no stack can give its stanza a name with a dot.
	local STANZA=$STANZA.setup-proof
	numbers=$(sed -n 's/^repo\([0-9]*\)-.*/\1/p' "$1/conf.d/repo.conf" | sort -u)
	for number in $numbers; do
		# A subshell, because a signal interrupts this script only when it has ended. (With || it would not end at the first error.)
		set +e
		(
			set -e
			prove_repository "$1" "$number" >/dev/null
		)
		status=$?
		set -e
		case $status in
		0) say "repository $(repository_name "$1" "$number"): written, listed, read and cleaned" ;;
		"$full") say "NOTE: repository $(repository_name "$1" "$number") is full, so it was read only: it is the one that was published before" ;;
		"$away")
			are_away+=("$number")
			continue
			;;
		*) exit "$status" ;;
		esac
		proven=${proven:-$number}
	done
	for number in "${are_away[@]}"; do
		mapfile -t told <"/tmp/away.$number"
		[ -n "$proven" ] || fail "${told[@]}"
		say "NOTE: $(redact "${told[0]}"). It was not proven: nothing about it changes"
	done
	# shellcheck disable=SC2034 # prove-pgbackrest.sh asks in that one
	((${#are_away[@]} == 0)) || answers=$proven
}
