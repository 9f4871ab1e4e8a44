#!/bin/bash
# Says what the backup service has found to be gone from the repository for good, and that it is known: health no longer tells it then.
set -euo pipefail
umask 0027

state=/var/lib/pgbackrest-state/state.json

gone=$(jq -r '[.repositories[].gone // "" | select(. != "")] | join("; ")' "$state")
[ -n "$gone" ] || {
	echo "nothing is gone that was not acknowledged" >&2
	exit 1
}
touch "${state%/*}/acknowledged"
echo "acknowledged: $gone"
