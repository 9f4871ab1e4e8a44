# shellcheck shell=sh
# Locks of pgBackRest that exclude a backup and all that changes the repository lie on the state volume, which the backup service alone
# has. The archiver's are private to its container.

# share_locks ARGUMENT...: of a pgbackrest that is to run with these arguments. Refuses one that would not see those locks.
share_locks() {
	state=/var/lib/pgbackrest-state
	if [ -w "$state" ]; then
		# A container of the image alone has it, too, and is alone.
		! mountpoint -q "$state" || export PGBACKREST_LOCK_PATH="$state/lock"
		return 0
	fi
	excluding=
	for argument in "$@"; do
		case $argument in
		help | --lock-path | --lock-path=*) return 0 ;;
		backup | expire | stanza-create | stanza-delete | stanza-upgrade) excluding=$argument ;;
		esac
	done
	[ -n "$excluding" ] || return 0
	echo "ERROR: pgbackrest $excluding does not run in this container, because it would not see a backup that is under way, nor be seen by it;" \
		"run it where the backup service is: docker exec NAME-backup pgbackrest $*" >&2
	exit 1
}
