#!/bin/sh
# examples.sh - every example that a reader may copy is loaded: yaml blocks of the documentation, example.yaml of
# each plugin, and the files under conf/. A block that is only a piece is written ```yaml piece, and one that
# shows a mistake ```yaml bad: that one must be refused.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
weir=${WEIR:-$source/build/weir}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# What examples may name: ports, a folder, and files that are there.
export RUN="$dir" DIR="$dir" PLUGINS="${WEIR_BUILD:-$source/build}/tests/demo"
export EDGE_PORT=18080 ADMIN_PORT=18081 DOCUMENT_1=18082 DOCUMENT_2=18083 NOTIFICATION_1=18084 \
	NOTIFICATION_2=18085

# try NAME FILE WANTED - one example is one test, in cmocka's words.
try() {
	echo "[ RUN      ] $1"
	status=0
	"$weir" check -c "$2" >"$dir/said" 2>&1 || status=$?
	if [ "$status" = "$3" ]; then
		echo "[       OK ] $1"
		return
	fi
	sed "s|$dir/||" "$dir/said"
	echo "[  FAILED  ] $1"
	failed=1
}

for file in "$source"/plugins/*/example.yaml "$source"/conf/*.yaml "$source"/conf/*/*.yaml; do
	[ -s "$file" ] || continue
	name=${file#"$source"/}
	case $name in
	conf/bad/*) try "$name" "$file" 1 ;;
	*) try "$name" "$file" 0 ;;
	esac
done

for page in "$source"/README.md $(find "$source/docs" "$source/plugins" -name '*.md' | sort); do
	[ -e "$page" ] || continue
	name=${page#"$source"/}
	rm -f "$dir"/block-*
	awk -v dir="$dir" '
		/^ *```yaml *$/ { kind = 0; file = dir "/block-" NR "-" kind; next }
		/^ *```yaml bad *$/ { kind = 1; file = dir "/block-" NR "-" kind; next }
		/^ *```/ { if (file != "") close(file); file = ""; next }
		file != "" { print >file }' "$page"
	for block in "$dir"/block-*; do
		[ -e "$block" ] || continue
		line=${block#"$dir"/block-}
		try "$name:${line%-*}" "$block" "${line#*-}"
	done
done
exit $failed
