# shellcheck shell=bash
# shellcheck disable=SC2154 # what is used here and not set is set by the script that reads this file
# A backup of damaged pages ends well, and counts for retention like any other: so nothing expires while the newest ones have page
# errors, and backups without come first afterwards. All of it is read from the repository, so it needs no memory of its own.

newest=         # label of the newest backup in the repository
damaged=        # what is wrong with the newest backups, in words; or nothing
damaged_backup= # label of the backup that damaged_files and stored belong to
damaged_files=  # its files with their pages
stored=0        # bytes that the repository got since its oldest backup, that the pace can be told

# look_for_page_errors REPORT: sets newest and damaged.
look_for_page_errors() {
	local label since good oldest before=$damaged
	damaged=
	# The newest full backup counts, and what builds on a good one only until the next of its kind has no errors.
	IFS='|' read -r newest label since good oldest < <(jq -r '.[0].backup | (map(select(.type == "full")) | last) as $full | last as $newest |
		(if $full.error then $full elif $newest.error then $newest else null end) as $bad |
		(map(select(.type == "full" and .error != true)) | last) as $good |
		[$newest.label, $bad.label, (map(select(.error == true and .timestamp.start > ($good.timestamp.start // 0))) | first | .timestamp.start),
			(map(select(.error != true)) | last | .label), (first | .timestamp.start)] | map(. // "" | tostring) | join("|")' <<<"$1")
	if [ -n "$label" ]; then
		[ "$label" = "$damaged_backup" ] || read_page_errors "$label" "$1"
		damaged="the backup $label has page checksum errors: $damaged_files. It has been so since $(utc "$since"). Nothing is expired"
		damaged+=" until a full backup has none; the newest backup without is ${good:-not there}. $(room "$oldest")."
		damaged+=' Mend the pages, then take a full backup: see "A damaged page" in README.md'
		[ "$label" = "$damaged_backup" ] || say "ERROR: $damaged" >&2
	elif [ -n "$before" ]; then
		say "no page checksum errors any more"
	fi
	damaged_backup=$label
	remember damaged-pages "$damaged"
}

utc() { date -u --date "@$1" '+%F %H:%M UTC'; }

# read_page_errors LABEL REPORT: the manifest alone knows the pages.
read_page_errors() {
	damaged_files=$(pgbackrest --config-path="$REVISION_DIR" --stanza="$stanza" --log-level-console=off --log-level-file=off \
		repo-get "backup/$stanza/$1/backup.manifest" | grep -F '"checksum-page":false' | jq -Rrs 'def pages: map(if type == "array" then join("-") else tostring end) | join(", ");
		split("\n") | map(select(. != "") | index("={") as $i | .[:$i] + ((.[$i + 1:] | fromjson)["checksum-page-error"] // [] | if . == [] then "" else " page \(pages)" end))
		| .[:5] + if length > 5 then ["and \(length - 5) more"] else [] end | join("; ")') ||
		damaged_files="in files that pgbackrest info --set=$1 lists"
	stored=$(($(jq '[.[0].backup[].info.repository.delta] | add' <<<"$2") + $(archive_size)))
}

# repository_path: of a repository in a volume or a directory; nothing for a bucket.
repository_path() {
	grep -q '^repo1-type=posix' "$REVISION_DIR/conf.d/repo.conf" && sed -n 's/^repo1-path=//p' "$REVISION_DIR/conf.d/repo.conf"
}

archive_size() {
	local path
	path=$(repository_path) && du --bytes --summarize "$path/archive/$stanza" 2>/dev/null | cut -f 1 || echo 0
}

# room OLDEST: how long the repository's disk lasts when nothing expires; OLDEST is since when it has filled.
room() {
	local path
	if path=$(repository_path); then
		disk_lasts "$(df --output=avail --block-size=1 "$path" | tail -n 1)" "$stored" "$((EPOCHSECONDS - $1))"
	else
		echo "A bucket does not fill, but its cost grows meanwhile"
	fi
}

# disk_lasts FREE STORED SECONDS: bytes that are free, and bytes that came in how long.
disk_lasts() {
	local text
	text="Its disk has $(numfmt --to=iec-i --suffix=B "$1") left"
	if (($3 < 86400)); then
		echo "$text (how long that lasts cannot be told before there are backups of a day)"
	elif (($2 < 1 || $1 / $2 > 3650 * 86400 / $3)); then
		echo "$text, enough for years"
	else
		echo "$text, at the present pace enough for $(($1 / ($2 * 86400 / $3 + 1))) days"
	fi
}

# expires: whether the configuration leaves it to backups to expire what retention does not keep, in pgBackRest's order of sections.
expires() {
	local section value
	for section in "$stanza:backup" "$stanza" global:backup global; do
		value=$(awk -v section="[$section]" '/^[ \t]*\[/ {gsub(/[ \t]/, ""); here = $0 == section}
			here && /^[ \t]*expire-auto[ \t]*=/ {gsub(/[ \t]/, ""); sub(/.*=/, ""); print}' "$REVISION_DIR/pgbackrest.conf")
		[ -z "$value" ] || break
	done
	[ "$value" != n ]
}

# must_expire: whether a backup was taken, by whomever, since expire ran last. A new state volume does not know, and waits for the next.
must_expire() {
	local expired
	expired=$(cat "$state/expired" 2>/dev/null || true)
	[ -n "$expired" ] || remember expired "$newest"
	[ -n "$newest" ] && [ "${expired:-$newest}" != "$newest" ] && [ -z "$damaged" ] && expires && may_run expire
}

# expire: full backups with page errors first, where an older one without covers their time: retention is a number of good ones.
expire() {
	local label
	activity "expire: running"
	for label in $(info | jq -r '.[0].backup | map(select(.type == "full")) | (map(.error != true) | index(true)) as $good |
		if $good then .[$good:] | map(select(.error) | .label) | .[] else empty end'); do
		say "the full backup $label has page checksum errors, and there are newer and older ones without: it goes first"
		run "expire of $label" --set="$label" expire || {
			failing expire "$run_error"
			return 0
		}
	done
	if run expire expire && plan; then
		remember expired "$newest"
		succeeded expire
	else
		failing expire "$run_error"
	fi
}
