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

begin the_catalogue_is_printed_from_them
lua/catalogue.sh "$weir" >"$dir/catalogue.md"
if diff -u docs/lua/catalogue.md "$dir/catalogue.md"; then well the_catalogue_is_printed_from_them; else
	echo 'lua/catalogue.sh ./weir > docs/lua/catalogue.md'
	badly the_catalogue_is_printed_from_them
fi

# The pieces of configuration on the other pages.
mkdir "$dir/lua"
for page in limits testing; do
	begin "the_pieces_of_${page}_are_fine"
	awk -v dir="$dir" -v page="$page" '
		/^```$/ && file != "" { close(file); file = "" }
		file != "" { print >file }
		/^```yaml piece$/ { file = dir "/piece-" page "-" ++n ".yaml" }' "docs/lua/$page.md"
	bad=
	for piece in "$dir/piece-$page"-*.yaml; do
		printf 'listen: 127.0.0.1:8080\nservices: {a: {endpoints: ["127.0.0.1:9"]}}\nroutes: [{to: a}]\n' >>"$piece"
		"$weir" check -c "$piece" >"$dir/said" 2>&1 || { bad=$piece; cat "$dir/said"; }
	done
	if [ -z "$bad" ]; then well "the_pieces_of_${page}_are_fine"; else badly "the_pieces_of_${page}_are_fine"; fi
done

# Every example: a list of policies, or the inside of a route.
services='tariff-next tariff-svc risk-svc checkout-next flags-svc'
awk -v dir="$dir" '
	/^## / { name = $2; n = 0 }
	/^```$/ && file != "" { close(file); file = "" }
	file != "" { print indent $0 >file; next }
	/^```yaml piece$/ { file = dir "/" name "." ++n ".yaml"; indent = "    " }' docs/lua/catalogue.md
echo secret | tee "$dir/hook.secret" "$dir/new.secret" >"$dir/old.secret"
for example in "$dir"/*.[0-9].yaml; do
	name=$(basename "$example" .yaml)
	{
		echo 'listen: 127.0.0.1:8080'
		echo 'services:'
		for service in shop $services; do echo "  $service: {endpoints: [\"127.0.0.1:9000\"]}"; done
		echo 'routes:'
		echo '  - to: shop'
		if grep -q '^    - ' "$example"; then
			echo '    policies:'
			sed 's/^/  /' "$example"
		else
			cat "$example"
		fi
	} >"$dir/weir.yaml"
	begin "the_example_${name}_is_fine"
	if "$weir" check -c "$dir/weir.yaml" >"$dir/said" 2>&1; then well "the_example_${name}_is_fine"; else
		cat "$dir/weir.yaml" "$dir/said"
		badly "the_example_${name}_is_fine"
	fi
done
exit $failed
