#!/bin/bash
# Adds pgBackRest to what the image has already: from Debian testing (forky), of the version FLOOR at least, with the libraries that are
# new there and with nothing else, so that libc, libpq and PostgreSQL stay Debian stable's. Where apt finds no such solution, and with
# `stable` in place of FLOOR, Debian stable's it is.
#
# Usage: add-pgbackrest.sh FLOOR|stable FILE. An image with Debian stable's has FILE, a line that says why, and what is lost.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
floor=$1
note=$2
sources=/etc/apt/sources.list.d/forky
pins=/etc/apt/preferences.d/forky

# packages: what is installed, with its version.
packages() { dpkg-query --show --showformat '${binary:Package} ${Version}\n' | sort; }

# forky_sources: the base image's own sources of trixie, with forky in its place: the same mirror, keys and options, whatever they are.
forky_sources() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
		sed -nE 's/^(deb[[:space:]]+(\[[^]]*\][[:space:]]+)?[^[:space:]]+[[:space:]]+)trixie([[:space:]].*)$/\1forky\3/p' >$sources.list
	cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk 'BEGIN { RS = ""; ORS = "\n\n" }
		/(^|\n)Suites:([^\n]*[ \t])?trixie([ \t\n]|$)/ { gsub(/(^|\n)Suites:[^\n]*/, "\nSuites: forky"); sub(/^\n/, ""); print }' >$sources.sources
}

# from_testing: fails, and has changed nothing, when apt finds no solution. What is there is held, so that no solution may touch it.
from_testing() {
	forky_sources
	printf 'Package: %s\nPin: release n=forky\nPin-Priority: %s\n\n' '*' 100 pgbackrest 990 >$pins
	# Testing's index is valid for a week, and a mirror's may be older. That of stable, where all the rest comes from, has no end either.
	apt-get --option Acquire::Languages=none --option Acquire::Check-Valid-Until=false --option APT::Update::Error-Mode=any update &&
		apt-get satisfy --yes --no-install-recommends "pgbackrest (>= $floor)"
}

# from_stable REASON
from_stable() {
	apt-get --option Acquire::Languages=none update
	apt-get install --yes --no-install-recommends 'pgbackrest=2.55.*'
	mkdir -p "${note%/*}"
	echo "pgBackRest $(pgbackrest version | cut -d ' ' -f 2) of Debian stable is in the image, because $1." \
		"Lost: $(tr -d '"\n' <"${BASH_SOURCE[0]%/*}/lost-with-stable.json")." | tee "$note"
}

before=$(packages)
mapfile -t names < <(cut -d ' ' -f 1 <<<"$before")
apt-mark hold "${names[@]}" >/dev/null
why=
if [ "$floor" = stable ]; then
	why="it was asked for"
elif ! output=$(from_testing 2>&1); then
	why="apt finds none of $floor or newer in Debian testing that leaves the rest as it is ($(grep -E '^(E:|W:| [^ ]+ : Depends)' <<<"$output" | tail -n 2 | paste -sd ' '))"
fi
# What comes later must not get anything from there.
rm -f $sources.list $sources.sources $pins
[ -z "$why" ] || from_stable "$why"
apt-mark unhold "${names[@]}" >/dev/null
changed=$(comm -23 <(echo "$before") <(packages))
[ -z "$changed" ] || {
	echo "ERROR: these packages of Debian stable are no longer what they were: $changed"
	exit 1
}
