#!/bin/sh
# writing_a_plugin.sh - does what docs/plugins/writing-a-plugin.md says, word by word, with an installed Weir: every
# sh block is run, every C block is written to the file it names, every text block must come out of the sh block before it.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$(pwd)}
page=$source/docs/plugins/writing-a-plugin.md
dir=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill $running 2>/dev/null; rm -rf "$dir"' EXIT
failed=0

begin() { echo "[ RUN      ] $1"; }
ends() {	# ends NAME STATUS
	if [ "$2" = 0 ]; then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1"
		failed=1
	fi
}

# Into a folder of its own, as a package would be; pkg-config is told where that root is.
begin weir_is_installed
unset MAKEFLAGS MAKELEVEL MFLAGS WEIR_PLUGIN_DIR
make -s -C "$build" install DESTDIR="$dir/root" >"$dir/said" 2>&1 || cat "$dir/said"
pc=$(find "$dir/root" -name weir.pc)
[ -n "$pc" ]
ends weir_is_installed $?
[ $failed = 0 ] || exit 1
PATH=$(dirname "$(find "$dir/root" -name weir -type f -perm -u+x | head -n 1)"):$PATH
export PATH PKG_CONFIG_PATH="$(dirname "$pc")" PKG_CONFIG_SYSROOT_DIR="$dir/root" WEIR_SOURCE="$source"
export WEIR_PLUGIN_DIR="$(find "$dir/root" -type d -name plugins | head -n 1)"

# The blocks as files: 01.sh, 02.c (its first line is the name), 03.text ... with a port that is free.
port=$(awk 'BEGIN { srand(); print 20000 + int(rand() * 10000) }')
awk -v dir="$dir" -v port="$port" '
	/^```/ && file != "" { close(file); file = ""; next }
	/^```(sh|text)$/ { file = sprintf("%s/%02d.%s", dir, ++n, substr($0, 4)); next }
	/^```c ./ { file = sprintf("%s/%02d.c", dir, ++n); print substr($0, 6) >file; next }
	file != "" { gsub(/127\.0\.0\.1:8080/, "127.0.0.1:" port); print >file }' "$page"

cd "$dir" || exit 1
for block in "$dir"/[0-9][0-9].*; do
	name=writing_a_plugin_$(basename "$block" | tr . _)
	begin "$name"
	case $block in
	*.sh)
		set -e
		. "$block" >"$dir/out" 2>"$dir/err"
		set +e
		running=$(jobs -p)
		ends "$name" 0
		;;
	*.c)
		sed 1d "$block" >"$(head -n 1 "$block")"
		ends "$name" 0
		;;
	*.text)
		status=0
		while IFS= read -r line; do
			tr -d '\r' <"$dir/out" | grep -qF -- "$line" && continue
			echo "missing: $line"
			status=1
		done <"$block"
		[ $status = 0 ] || cat "$dir/out" "$dir/err"
		ends "$name" $status
		;;
	esac
done

# The printed file is the one that the tests load, and it is strictly clean with both compilers.
begin stamp_is_the_file_that_is_tested
cmp "$source/tests/plugins/stamp.c" "$dir/my-plugin/stamp.c"
ends stamp_is_the_file_that_is_tested $?
for cc in gcc clang; do
	begin "stamp_is_clean_with_$cc"
	if ! command -v $cc >/dev/null; then
		echo "[  SKIPPED ] stamp_is_clean_with_$cc"
		continue
	fi
	$cc -Wall -Wextra -Wshadow -Wconversion -Werror -shared -fPIC $(pkg-config --cflags weir) \
		"$dir/my-plugin/stamp.c" -o "$dir/strict.so" &&
		[ "$(nm -D --defined-only "$dir/strict.so" | awk '{ print $3 }')" = weir_plugin ]
	ends "stamp_is_clean_with_$cc" $?
done
exit $failed
