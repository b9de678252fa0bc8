#!/bin/sh
# catalogue.sh - prints docs/lua/catalogue.md: each policy's own words, and its options as `weir plugins` tells them.
#
#     lua/catalogue.sh ./weir > docs/lua/catalogue.md
set -eu
weir=${1:-weir}
cd "$(dirname "$0")/.."
export WEIR_LUA_DIR="$PWD/lua/policies"

cat <<'END'
# Lua policies that come with Weir

Each is a file of less than 80 lines in [lua/policies](../../lua/policies), with its tests beside it. They are named
in routes like any plugin, need no `lua.path`, and are good beginnings for your own: copy one, and rename it.

Printed from the policies themselves by `lua/catalogue.sh`; a test sees that it is.
END

for policy in lua/policies/*.lua; do
	case $policy in
	*_test.lua) [ -e "${policy%.lua}_test.lua" ] || continue ;;
	esac
	name=$(basename "$policy" .lua)
	printf '\n## %s\n\n' "$name"
	awk -v name="$name" '
		!/^--/ { exit }
		{ sub(/^-- ?/, "") }
		NR == 1 { sub("^" name ".lua - ", ""); $0 = toupper(substr($0, 1, 1)) substr($0, 2) }
		/^  / && !code { print "```yaml piece"; code = 1 }
		code && !/^  / { print "```"; code = 0 }
		{ if (code) sub(/^  /, ""); print }' "$policy"
	printf '\n| option | | |\n|---|---|---|\n'
	"$weir" plugins | awk -v name="$name" '
		$1 == name && $2 == "policy," { on = 1; getline; next }
		/^$/ { on = 0 }
		on { line = $0; depth = match(line, /[^ ]/) - 5; sub(/^ */, "", line); about = line
			option = line; sub(/:.*/, "", option); sub(/^[^:]*: ?/, "", about)
			getline type; sub(/^ */, "", type); dots = ""
			for (i = 0; i < depth / 2; i++) dots = dots "... "
			gsub(/\|/, "\\|", type); gsub(/\|/, "\\|", about)
			print "| " dots "`" option "` | " type " | " about " |" }'
done
