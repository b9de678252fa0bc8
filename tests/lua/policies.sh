#!/bin/sh
# policies.sh - the Lua policies that come with Weir: their tests pass, each is short, tested, explained, and in the
# catalogue.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$source/build}
weir=${WEIR:-$build/weir}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. "$source/tests/docs/compare.sh"
cd "$source" || exit 1

begin all_their_tests_pass
if "$weir" test lua >"$dir/said" 2>&1; then well all_their_tests_pass; else
	grep -v '^  ok' "$dir/said"
	badly all_their_tests_pass
fi

for policy in lua/policies/*.lua; do
	case $policy in
	*_test.lua) [ -e "${policy%.lua}_test.lua" ] || continue ;;
	esac
	name=$(basename "$policy" .lua)
	begin "${name}_is_short_tested_explained_and_in_the_catalogue"
	why=
	[ "$(wc -l <"$policy")" -lt 80 ] || why="$why; it has $(wc -l <"$policy") lines, not under 80"
	[ -e "lua/policies/${name}_test.lua" ] || why="$why; it has no test"
	head -n 1 "$policy" | grep -q "^-- $name.lua - .*\.$" || why="$why; its first line does not say what it does"
	grep -q "lua/policies/$name.lua" lua/Makefile.inc || why="$why; it is not installed"
	grep -q "^## $name$" docs/lua/catalogue.md || why="$why; it is not in the catalogue"
	[ -z "$why" ] || echo "$policy${why#;}"
	if [ -z "$why" ]; then well "${name}_is_short_tested_explained_and_in_the_catalogue"; else
		badly "${name}_is_short_tested_explained_and_in_the_catalogue"
	fi
done
exit $failed
