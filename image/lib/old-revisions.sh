# shellcheck shell=bash
# Old revisions hold old credentials, so they go as soon as nobody uses them: whoever uses one holds its lock (revision.sh).

# remove_unused VOLUME: removes all revisions but the published one, as long as nobody uses them; `kept` are the names of the others,
# and with any of them it fails. The caller holds the lock of the volume, so that no revision is in the making.
remove_unused() {
	local directory published
	kept=()
	# Without it all of them would look old.
	published=$(readlink -e "$1/current") || return 1
	for directory in "$1"/revisions/*; do
		[ "$directory" != "$published" ] || continue
		if [ ! -e "$directory/revision" ]; then
			rm -rf "$directory"
		elif exec 8<"$directory/revision" && flock -n 8; then
			rm -rf "$directory"
		else
			kept+=("${directory##*/}")
		fi
		exec 8<&-
	done
	((${#kept[@]} == 0))
}
