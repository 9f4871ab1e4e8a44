# shellcheck shell=sh
# The published configuration, as every user of it must take it: resolve `current` once and keep that revision, because
# pgBackRest resolves its paths more than once and would mix two revisions otherwise (design: 31 of 300 reads did).

# hold_revision: sets REVISION_DIR and holds it with a shared lock on descriptor 9, which children inherit, so that setup
# does not remove it under a running backup. Fails when nothing is published.
hold_revision() {
	while :; do
		REVISION_DIR=$(readlink -e /etc/pgbackrest/current) || return 1
		if { command exec 9<"$REVISION_DIR/revision"; } 2>/dev/null && flock -s 9 && [ -e "$REVISION_DIR/revision" ]; then
			return 0
		fi
		# Removed between the two steps: a newer one must be there, or nothing is published at all.
		[ "$(readlink -e /etc/pgbackrest/current)" != "$REVISION_DIR" ] || return 1
	done
}

# release_revision: lets go of the revision that this shell holds.
release_revision() {
	exec 9<&-
}

# published_revision: the name of the published revision, or nothing. Holds nothing.
published_revision() {
	published=$(readlink -e /etc/pgbackrest/current) || return 0
	echo "${published##*/}"
}
