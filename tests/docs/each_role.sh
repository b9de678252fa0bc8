#!/bin/sh
# each_role.sh - does what docs/plugins/each-role.md says, with an installed Weir; its plugins are strictly clean.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$(pwd)}
dir=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill $running 2>/dev/null; rm -rf "$dir"' EXIT
failed=0
. "$source/tests/docs/steps.sh"

install_weir
run_page "$source/docs/plugins/each-role.md" each_role

for file in "$dir"/five/*.c; do
	name=$(basename "$file" .c)_is_clean
	begin "$name"
	${CC:-cc} -Wall -Wextra -Wshadow -Wconversion -Werror -shared -fPIC $(pkg-config --cflags weir) "$file" \
		-o "$dir/strict.so" &&
		[ "$(nm -D --defined-only "$dir/strict.so" | awk '{ print $3 }')" = weir_plugin ]
	ends "$name" $?
done
exit $failed
