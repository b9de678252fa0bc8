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

. "$source/tests/docs/steps.sh"

install_weir
run_page "$page" writing_a_plugin

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
