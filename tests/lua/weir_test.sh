#!/bin/sh
# weir_test.sh - what `weir test` says and how it ends: failures with file, line and difference, TAP, filter, watching.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$source/build}
weir=${WEIR:-$build/weir}
dir=$(mktemp -d)
watching=
trap '[ -z "$watching" ] || kill $watching 2>/dev/null; rm -rf "$dir"' EXIT
. "$source/tests/docs/compare.sh"
cp "$source"/tests/lua/cases/* "$dir"
cd "$dir" || exit 1

says() {	# says NAME STATUS WANTED ARGUMENT...
	name=$1 wanted_status=$2 wanted=$3
	shift 3
	begin "$name"
	"$weir" test "$@" >said 2>&1
	status=$?
	if [ $status != "$wanted_status" ]; then
		echo "it ended with $status, not $wanted_status"
		cat said
		badly "$name"
		return
	fi
	compare "$name" "$wanted" said
}

says failures_have_file_line_and_difference 1 faulty.text faulty_test.lua
says results_can_be_told_as_tap 1 faulty.tap --tap --filter differ faulty_test.lua

printf '%s\n' faulty_test.lua '  ok    this_one_passes' '1 passed, 0 failed' >one
says a_filter_leaves_out_the_rest 0 one --filter this_one faulty_test.lua

begin requests_are_what_they_were_told
if "$weir" test "$source/tests/lua/passing" >said 2>&1; then well requests_are_what_they_were_told; else
	cat said
	badly requests_are_what_they_were_told
fi

mkdir empty
echo 'weir test: there is no NAME_test.lua at empty' >none
says a_folder_without_tests_is_a_mistake 2 none empty
sed 's/empty/nowhere/' none >nowhere.text
says a_path_that_is_not_there_is_a_mistake 2 nowhere.text nowhere

mkdir alone broken
echo 'return {}' >alone/lost_test.lua
printf '%s\n' alone/lost_test.lua '  FAIL  (the file)' '        alone/lost.lua: cannot be opened: No such file or directory' \
	'0 passed, 1 failed' >lost
says a_test_without_its_policy_fails 1 lost alone
printf 'local policy = {\n' >broken/half.lua
echo 'return {}' >broken/half_test.lua
printf '%s\n' broken/half_test.lua '  FAIL  (the file)' ... '0 passed, 1 failed' >half
says a_policy_that_does_not_compile_fails 1 half broken
begin the_place_of_the_mistake_is_told
if grep -q 'half.lua:[12]:' said; then well the_place_of_the_mistake_is_told; else
	cat said
	badly the_place_of_the_mistake_is_told
fi

# Modules are found beside the policy and where they are said to lie; in the gateway that is lua.path.
mkdir -p needs/lua needs/modules
echo 'return { text = "hello" }' >needs/modules/words.lua
cat >needs/lua/greet.lua <<'END'
local words, policy = require "words", {}
function policy.request(req) req:reply(200, words.text) end
return policy
END
cat >needs/lua/greet_test.lua <<'END'
return { greets = function(t) t:equal(t:request{}.body, "hello") end }
END
printf '%s\n' needs/lua/greet_test.lua '  ok    greets' '1 passed, 0 failed' >greets
says modules_are_found_where_they_are_said_to_lie 0 greets --path needs/modules needs/lua

checks() {	# checks NAME STATUS PART-OF-WHAT-IS-SAID
	begin "$1"
	"$weir" check -c needs/weir.yaml >said 2>&1
	if [ $? = "$2" ] && grep -qF "$3" said; then well "$1"; else
		cat said
		badly "$1"
	fi
}
cat >needs/weir.yaml <<'END'
listen: 127.0.0.1:8080
lua: {path: [lua, modules], test: true, time: 20ms}
services: {app: {endpoints: ["127.0.0.1:9000"]}}
routes: [{policies: [greet], to: app}]
END
checks a_script_whose_tests_pass_comes_into_force 0 'is fine'
sed -i 's/"hello"/"good day"/' needs/lua/greet_test.lua
checks a_script_whose_tests_fail_does_not 1 'greet.lua: its test greets fails: '
checks and_what_differs_is_told 1 'not equal; got: "hello"; wanted: "good day"'
sed -i 's/test: true, //' needs/weir.yaml
checks unless_nobody_wants_them_to_be_run 0 'is fine'

# A round, a change, another round.
wait_for() {	# wait_for COUNT: rounds that have ended
	tries=0
	while [ "$(grep -c '^watching' rounds)" -lt "$1" ] && [ $tries -lt 150 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ $tries -lt 150 ]
}
begin a_change_is_tested_at_once
mkdir watched
cp faulty.lua faulty_test.lua watched
"$weir" test --watch --filter not_true watched >rounds 2>&1 &
watching=$!
if wait_for 1 && sed -i 's/t:ok(nil,/t:ok(true,/' watched/faulty_test.lua && wait_for 2 &&
	grep -q '0 passed, 1 failed' rounds && grep -q '1 passed, 0 failed' rounds; then
	well a_change_is_tested_at_once
else
	cat rounds
	badly a_change_is_tested_at_once
fi
kill $watching
watching=
exit $failed
