#!/bin/sh
# testing_plugins.sh - does what docs/plugins/testing.md says with an installed Weir, and sees that it names every
# misbehaviour there is.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$(pwd)}
dir=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill $running 2>/dev/null; rm -rf "$dir"' EXIT
failed=0
. "$source/tests/docs/steps.sh"

begin every_misbehaviour_stands_on_the_page
status=0
for word in $(sed -n 's/^	X([A-Z_]*, "\([a-z-]*\)",.*/\1/p' "$source/core/kit/fault.h"); do
	grep -q "\`$word\`" "$source/docs/plugins/testing.md" && continue
	echo "missing: $word"
	status=1
done
ends every_misbehaviour_stands_on_the_page $status

# A program without a sanitizer cannot be linked with a library that has one.
if nm "$build/core/kit/libweir-fake.a" 2>/dev/null | grep -q '__asan_\|__tsan_'; then
	for part in testing_plugins only_weir_fake_is_seen; do
		begin $part
		echo "[  SKIPPED ] $part"
	done
	exit $failed
fi

install_weir
run_page "$source/docs/plugins/testing.md" testing_plugins

# What is installed shows no name of Weir's inside.
begin only_weir_fake_is_seen
[ -z "$(nm -g --defined-only "$(find "$dir/root" -name libweir-fake.a)" | awk 'NF == 3 { print $3 }' |
	grep -v '^weir_fake_\|^pthread_mutex_')" ]
ends only_weir_fake_is_seen $?
exit $failed
