#!/bin/sh
# first_policy.sh - does what docs/lua/README.md and docs/lua/testing.md say with an installed Weir.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$(pwd)}
dir=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill $running 2>/dev/null; rm -rf "$dir"' EXIT
failed=0
. "$source/tests/docs/steps.sh"

install_weir
run_page "$source/docs/lua/README.md" first_policy
rm -f "$dir"/[0-9][0-9].*
run_page "$source/docs/lua/testing.md" testing_policies
exit $failed
