#!/bin/bash
# Healthy: the stanza is usable, WAL arrives in the repository, and the newest backups are not older than their schedules allow. The
# backup service says so in its state; this only reads it, so that it costs nothing to ask often.
set -euo pipefail

state=/var/lib/pgbackrest-state/state.json
stale=60 # seconds; the service writes every twenty at least

unhealthy() {
	echo "UNHEALTHY: $*"
	exit 1
}

mapfile -t told < <(jq -r '.written, .revision, .activity, .verdict.healthy, .verdict.sentence' "$state" 2>/dev/null)
((${#told[@]} == 5)) || unhealthy "the backup service has not begun yet"
age=$((EPOCHSECONDS - told[0]))
((age <= stale)) || unhealthy "the backup service has said nothing for $age s; it said before: ${told[4]}"
published=$(readlink /etc/pgbackrest/current || true)
[ "${published##*/}" = "${told[1]}" ] || unhealthy "this configuration is not in force yet: ${told[2]}"
[ "${told[3]}" = true ] || unhealthy "${told[4]}"
echo "${told[4]}"
