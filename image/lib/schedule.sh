# shellcheck shell=bash
# Schedules: five cron fields, turned into what snooze takes. snooze reads `*/15` as `*` and has no `1-9/2`, so every field is
# written out as a plain list first.

# expand_field FIELD LOW HIGH: prints the field as a comma list of numbers; fails with a message on anything that is no such field.
expand_field() {
	local item first last step list=() number
	[[ $1 =~ ^[0-9*/,-]+$ && $1 != *, ]] || {
		echo "'$1' is no cron field: use numbers, lists (1,5), ranges (1-5) and steps (*/15)"
		return 1
	}
	for item in ${1//,/ }; do
		if [[ $item =~ ^\*(/([0-9]{1,2}))?$ ]]; then
			first=$2 last=$3 step=${BASH_REMATCH[2]:-1}
		elif [[ $item =~ ^([0-9]{1,2})(-([0-9]{1,2})(/([0-9]{1,2}))?)?$ ]]; then
			first=${BASH_REMATCH[1]} last=${BASH_REMATCH[3]:-${BASH_REMATCH[1]}} step=${BASH_REMATCH[5]:-1}
		else
			echo "'$item' in '$1' is no number, range or step"
			return 1
		fi
		if ((10#$first < $2 || 10#$last > $3 || 10#$first > 10#$last || 10#$step < 1)); then
			echo "'$item' in '$1' is out of range: $2 to $3 is allowed"
			return 1
		fi
		for ((number = 10#$first; number <= 10#$last; number += 10#$step)); do list+=("$number"); done
	done
	(IFS=, && echo "${list[*]}")
}

# snooze_options FIELDS: sets SNOOZE to the options of snooze for five cron fields, or SCHEDULE_ERROR and fails.
snooze_options() {
	local fields options=(-M -H -d -m -w) low=(0 0 1 1 0) high=(59 23 31 12 7) i list
	SNOOZE=() SCHEDULE_ERROR=
	set -f
	# shellcheck disable=SC2206 # splitting at blanks is what is wanted
	fields=($1)
	set +f
	((${#fields[@]} == 5)) || {
		SCHEDULE_ERROR="'$1' has ${#fields[@]} fields, not five (minute hour day-of-month month day-of-week)"
		return 1
	}
	for i in 0 1 2 3 4; do
		list=$(set -f && expand_field "${fields[i]}" "${low[i]}" "${high[i]}") || {
			SCHEDULE_ERROR=$list
			return 1
		}
		SNOOZE+=("${options[i]}$list")
	done
	# cron runs when either of the two matches, snooze when both do: what is meant cannot be known.
	if [[ ${fields[2]} != '*' && ${fields[4]} != '*' ]]; then
		SCHEDULE_ERROR="'$1' sets both day-of-month and day-of-week: leave one of them *"
		return 1
	fi
}

# schedule_of FILE KIND: the cron fields of that kind, or nothing.
schedule_of() {
	local kind rest
	while read -r kind rest || [ -n "$kind" ]; do
		[ "$kind" != "$2" ] || echo "$rest"
	done <"$1"
}

# next_run FILE KIND EPOCH: the first time after EPOCH at which KIND is scheduled, as an epoch; nothing where it never is.
next_run() {
	local fields zone line stamp
	fields=$(schedule_of "$1" "$2")
	[ -n "$fields" ] && snooze_options "$fields" || return 0
	zone=$(schedule_of "$1" timezone)
	stamp=$(mktemp)
	touch --date "@$(($3 + 1))" "$stamp"
	# The slack makes snooze look back to the stamp, however old it is: that is how a run missed while down is found.
	line=$(TZ=${zone:-UTC} snooze -n -s 100000d -t "$stamp" "${SNOOZE[@]}" 2>/dev/null | head -n 1) || true
	rm -f "$stamp"
	[ -z "$line" ] || date --date "${line%% *}" +%s
}

# shellcheck disable=SC2094 # the file is only read
# check_schedules FILE: prints what is wrong with the file, and fails then.
check_schedules() {
	local kind rest times
	for kind in full diff incr verify timezone; do
		times=$(schedule_of "$1" "$kind" | wc -l)
		((times < 2)) || {
			echo "schedules: $kind is there $times times"
			return 1
		}
	done
	while read -r kind rest || [ -n "$kind" ]; do
		case $kind in
		'' | '#'*) ;;
		full | diff | incr | verify)
			snooze_options "$rest" || {
				echo "schedule of $kind: $SCHEDULE_ERROR"
				return 1
			}
			[ -n "$(next_run "$1" "$kind" "$(date +%s)")" ] || {
				echo "schedule of $kind: '$rest' matches no time within a year"
				return 1
			}
			;;
		timezone)
			[[ $rest =~ ^[A-Za-z0-9_+/-]+$ && -f /usr/share/zoneinfo/$rest ]] || {
				echo "timezone '$rest' is not known: use a name such as UTC or Europe/Berlin"
				return 1
			}
			;;
		*)
			echo "schedules: '$kind' is no kind of run: full, diff, incr, verify and timezone are"
			return 1
			;;
		esac
	done <"$1"
}
