#!/bin/bash
# Makes the configuration of everything else: renders it, proves it with the real programs, and publishes it with one rename.
# What fails leaves the published configuration as it was. Its arguments are those that PostgreSQL gets on its command line.
#
# In: /setup/input/* and /setup/input/files/* (plain text), STANZA, REVISION, FILE_<i>_NAME and FILE_<i>_CONTENT (conf.d/repo.conf and
# repositories.json among them, or PGBACKREST_REPO<n>_<OPTION> in their place); REPOSITORY_PATIENCE and REPOSITORY_REASONS, see prove-repositories.sh;
# WAIT_TIMEOUT is how many seconds it may take: whoever started it stops waiting a little later, and then nothing may be published.
# Where /var/lib/postgresql/data is a mount, it is the data volume that PostgreSQL's first start would fill.
# Out: revisions/<time>-<REVISION>/..., current -> revisions/<newest>, and links through `current` so that plain pgbackrest works.
set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C.UTF-8
umask 0027

volume=/pgbackrest-config # the volume, writable
config=/etc/pgbackrest    # the same volume as everything else sees it, read-only: paths in files are paths in here
stamped=
deadline=$((SECONDS + ${WAIT_TIMEOUT:-480}))

# shellcheck source=empty-volume.sh
. /usr/local/lib/pgbackrest/empty-volume.sh
# shellcheck source=old-revisions.sh
. /usr/local/lib/pgbackrest/old-revisions.sh
# shellcheck source=render.sh
. /usr/local/lib/pgbackrest/render.sh
# shellcheck source=prove-pgbackrest.sh
. /usr/local/lib/pgbackrest/prove-pgbackrest.sh
# shellcheck source=prove-repositories.sh
. /usr/local/lib/pgbackrest/prove-repositories.sh
# shellcheck source=prove-postgresql.sh
. /usr/local/lib/pgbackrest/prove-postgresql.sh

say() { echo "$(date -u '+%F %T') setup: $*"; }

# fail MESSAGE...: one line each, the last thing that is printed. No secret leaves here, whoever's message it is.
fail() {
	local line
	{
		say "ERROR: nothing was changed, the configuration published before stays in force. The reason:"
		for line in "$@"; do redact "$line" | sed '/./!d; s/^/  /'; done
	} >&2
	rm -rf "$volume/revisions/.compare"
	# What `current` names is in force, whatever else happened.
	[ -z "$stamped" ] || [ "$(readlink "$volume/current")" = "revisions/$stamped" ] || rm -rf "$volume/revisions/${stamped:?}"
	exit 1
}

too_late() { fail "it was not done within ${WAIT_TIMEOUT:-480} s, after which nobody waits for it: what it said before tells how far it came"; }

# publish: links first (they lead through `current`), then the one rename that counts. From here on there is no way back, and what
# remains takes seconds: no signal ends it half way.
publish() {
	local name
	((SECONDS < deadline)) || too_late
	trap '' INT TERM HUP ALRM
	for name in $(linked_names); do
		[ "$(readlink "$volume/$name")" = "current/$name" ] || link "current/$name" "$volume/$name"
	done
	[ "$(readlink "$volume/current")" = "revisions/$stamped" ] || link "revisions/$stamped" "$volume/current"
}
link() {
	rm -f "$volume/.link"
	ln -s "$1" "$volume/.link"
	mv --no-target-directory "$volume/.link" "$2"
}

# remove_old: short users of an old revision get a few seconds, a running backup keeps its own until apply removes it.
remove_old() {
	local try
	for try in 1 2 3 4; do
		! remove_unused "$volume" || return 0
		((try == 4)) || sleep 1
	done
	say "still in use, so removed later: ${kept[*]}"
}

# refuse_lost_database DIRECTORY: an empty database beside the backups of another is nobody's wish, unless somebody says so.
refuse_lost_database() {
	local data=/var/lib/postgresql/data held
	[ ! -e "$1/none" ] && mountpoint -q "$data" && holds_nothing "$data" || return 0
	held=$(backups_held "$(clean_pgbackrest --config-path="$1" --output=json info || true)") ||
		fail "the data volume is empty, and whether the repositories hold backups of the stanza $STANZA cannot be told: $held"
	[ -z "$held" ] || fail "$(lost_database "$1" "$held")." "An empty database would leave them behind, so none is made. The choice:" \
		"Restore, up to the newest that there is (docs/lost-host.md):" \
		"    npm run pulumi -- config set --path restore.name recovered" \
		"    npm run pulumi -- config set --path restore.at latest" "    npm run pulumi -- up" \
		"Or begin anew with an empty database, in another place; what is there stays as it is:" \
		"$(another_place "$1" "${held%% *}")" "    npm run pulumi -- up"
}

[[ ${STANZA:-} =~ ^[A-Za-z0-9_.-]+$ ]] || fail "STANZA is '${STANZA:-}': letters, digits, - _ . are allowed"
[[ ${REVISION:-} =~ ^[0-9a-f]+$ ]] || fail "REVISION is '${REVISION:-}': it must be the hexadecimal identity of the content"
[ -w "$volume" ] || fail "the configuration volume cannot be written as uid $(id -u)." \
	"Its directory must belong to uid 999: docker run --rm -u 0 -v VOLUME:/v IMAGE chown 999:999 /v"
trap too_late ALRM
(sleep "$((deadline - SECONDS))" && kill -ALRM $$) &
exec 7>"$volume/.lock"
flock -w 60 7 || fail "another setup container has been at work on this volume for a minute: look at it with docker ps"
trap 'fail "it was interrupted"' INT TERM HUP
mkdir -p "$volume/revisions"
rm -rf "$volume/revisions/.compare"

current=$(readlink "$volume/current" || true)
current=${current##*/}
# The same content gets the same bytes, so that a comparison shows a published configuration that somebody has damaged.
if [ "${current#*-}" = "$REVISION" ] && [ -e "$volume/revisions/$current/revision" ]; then
	render "$volume/revisions/.compare" "$config/revisions/$current"
	if diff -r "$volume/revisions/.compare" "$volume/revisions/$current" >/dev/null; then
		rm -rf "$volume/revisions/.compare"
		stamped=$current
		refuse_lost_database "$config/revisions/$stamped"
		publish
		remove_old
		say "configuration $current is published already: nothing to do"
		exit 0
	fi
	rm -rf "$volume/revisions/.compare"
	say "the published configuration $current differs from what it should be: publishing it anew"
fi

while stamped=$(date -u +%Y%m%dT%H%M%SZ)-$REVISION && [ -e "$volume/revisions/$stamped" ]; do sleep 1; done
directory=$config/revisions/$stamped
render "$volume/revisions/$stamped" "$directory"
[ -e "$directory/revision" ] || fail "the configuration volume must be mounted at $config as well as at $volume"

if [ ! -e "$directory/none" ]; then
	# The backup service itself reads them, as it will when they are in force.
	command -v node >/dev/null || fail "this image has no Node.js: setup and the backup service need the one that is built to the target backup"
	problem=$(node /usr/local/bin/backup-service.cjs check-schedules "$directory/schedules" 2>&1) || fail "$problem"
fi
if [ -e "$directory/files/notify.json" ]; then
	problem=$(node /usr/local/bin/notify.cjs check "$directory" 2>&1) || fail "$problem"
fi
prove_pgbackrest "$directory"
prove_postgresql "$directory" "$@"
[ -e "$directory/none" ] || prove_repositories "$directory"
prove_commands "$directory"
refuse_lost_database "$directory"

sync --file-system "$volume"
publish
sync --file-system "$volume"
say "published configuration $stamped$([ ! -e "$directory/none" ] || echo ' (no repository: nothing is protected)')"
remove_old
