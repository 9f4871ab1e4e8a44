#!/bin/bash
# Compares what is published with what the setup container was given, byte by byte: it runs in a container of its own that has the
# same environment and input, and the volumes read-only. It prints names of files, never what is in them.
# Exit status: 0 the same, 3 different, anything else: it cannot tell.
set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C.UTF-8
umask 0027

config=/etc/pgbackrest
wanted=/tmp/wanted # in memory: it holds secrets
drift=0

# shellcheck source=render.sh
. /usr/local/lib/pgbackrest/render.sh

fail() {
	local line
	for line in "$@"; do redact "$line" >&2; done
	exit 2
}

# differs NAME HOW
differs() {
	printf '%q: %s\n' "$1" "$2"
	drift=3
}

published=$(readlink "$config/current" || true)
published=${published##*/}
if [ -z "$published" ] || [ ! -d "$config/revisions/$published" ]; then
	differs current "nothing is published"
	exit "$drift"
fi
if [ "${published#*-}" != "${REVISION:?}" ]; then
	differs current "revision ${published#*-} is published, and $REVISION was wanted"
	exit "$drift"
fi
for name in $(linked_names); do
	[ "$(readlink "$config/$name")" = "current/$name" ] || differs "$name" "is not the link to the published one"
done

# As it is read, so that paths in files are the same.
published=$config/revisions/$published
render "$wanted" "$published"
names=$(find "$wanted" "$published" -mindepth 1 -printf '%P\n' | sort -u)
while IFS= read -r name; do
	if [ ! -e "$published/$name" ]; then
		differs "$name" missing
	elif [ ! -e "$wanted/$name" ]; then
		differs "$name" "was not published by setup"
	elif [ "$(stat --format %f "$published/$name")" != "$(stat --format %f "$wanted/$name")" ]; then
		differs "$name" "has another kind or mode"
	elif [ ! -d "$wanted/$name" ] && ! cmp -s "$published/$name" "$wanted/$name"; then
		differs "$name" "has another content"
	fi
done <<<"$names"
exit "$drift"
