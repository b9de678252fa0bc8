#!/bin/sh
# operating.sh - what docs/operating.md shows of the admin API is what a running Weir answers: each whole configuration
# of the page is started, and each "$ curl", "$ weir explain --admin" and "$ sed" of the page is done to it.
#
# Addresses of the page are put in a folder and on ports of the test's own. A line "..." stands for any lines.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$source/build}
weir=${WEIR:-$build/weir}
dir=$(mktemp -d)
started=
trap 'stop_all; rm -rf "$dir"' EXIT
. "$source/tests/docs/compare.sh"

mkdir "$dir/bin" "$dir/work"
ln -s "$weir" "$dir/bin/weir"
PATH=$dir/bin:$PATH
cd "$dir/work" || exit 1
echo secret >admin.token

stop_all() {
	for pid in $started; do
		kill -9 "$pid" 2>/dev/null
	done
}

# The page's addresses become the test's.
translate() {
	sed -e "s|/run/weir/|$dir/|g" -e "s|127\.0\.0\.1:8080|127.0.0.1:$((port + 2 + count))|g" \
		-e "s|127\.0\.0\.1:9901|127.0.0.1:$port|g" \
		-e "s|[0-9.]*:9902|127.0.0.1:$((port + 1))|g" "$1"
}

# Waits until it listens everywhere; 1: it ended.
wait_for() {
	until grep -q 'serving with' log; do
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.05
	done
}

start() {	# NAME BLOCK
	begin "$1 is started"
	count=$((count + 1))
	translate "$2" >weir.yaml
	: >log
	weir run -c weir.yaml --workers 1 >log 2>&1 &
	last=$!
	if wait_for $last; then
		started="$started $last"
		well "$1 is started"
		return
	fi
	cat log
	badly "$1 is started"
}

run_console() {	# NAME BLOCK
	translate "$2" >"$dir/console"
	commands "$dir/console" "$dir"
	for one in "$dir"/command-*; do
		[ -e "$one" ] || return
		command=$(head -n 1 "$one")
		case $command in
		'curl '* | 'weir explain --admin '*) ;;
		'sed -i '*)
			eval "$command"
			continue
			;;
		*) continue ;;
		esac
		begin "$1: $command"
		sed 1d "$one" >"$dir/wanted"
		sh -c "$command" >"$dir/said" 2>&1
		compare "$1: $command" "$dir/wanted" "$dir/said"
	done
}

# Ports that nobody listens on now, the first of a few in a row.
free_ports() {
	port=$((20000 + $$ % 10000))
	while grep -qi "$(printf '0100007F:%04X\|00000000:%04X' "$port" "$((port + 1))")" /proc/net/tcp; do
		port=$((port + 10))
	done
}

free_ports
count=0
split "$source/docs/operating.md" "$dir"
for block in "$dir"/block-*; do
	line=$(basename "$block" | cut -d- -f2 | sed 's/^0*//')
	case $block in
	*-yaml) ! grep -q '^admin:' "$block" || ! grep -q '^routes:' "$block" || start "line $line" "$block" ;;
	*-console) [ $count -eq 0 ] || run_console "line $line" "$block" ;;
	esac
done

# The page ends the first by POST /drain.
begin "a drain ends with 0"
first=${started# }
first=${first%% *}
if wait "$first"; then
	well "a drain ends with 0"
else
	cat log
	badly "a drain ends with 0"
fi
exit $failed
