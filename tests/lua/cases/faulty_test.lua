-- Every test here but the first fails, so that what is said of it can be compared.
local test = {}

function test.this_one_passes(t)
  t:equal(t:request{}.status, 200)
  t:equal({ 1, { a = 2 } }, { 1, { a = 2 } })
  t:not_equal(1, 2)
  t:equal(t:match("a=1", "(%w)=(%d)"), "a")
end

function test.numbers_differ(t)
  t:equal(t:request{}.status, 404, "status")
end

function test.tables_differ(t)
  t:equal({ a = { 1, 2 } }, { a = { 1, 3 } })
end

function test.long_texts_differ(t)
  t:equal("one line\nand another line of it", "one line\nand another kind of it")
end

function test.no_match(t)
  t:match("abc", "^b")
end

function test.not_true(t)
  t:ok(nil, "there should be one")
end

function test.the_policy_fails(t)
  t:request{ options = { how = "error" } }
end

function test.the_policy_never_ends(t)
  t:request{ options = { how = "endless" } }
end

function test.options_are_wrong(t)
  t:request{ options = { hwo = "error" } }
end

function test.the_request_is_wrong(t)
  t:request{ pth = "/" }
end

function test.the_test_itself_is_wrong(t)
  local r
  return r.status
end

function test.it_did_not_fail(t)
  t:error({ options = { how = "well" } }, "something")
end

function test.it_failed_otherwise(t)
  t:error({ options = { how = "error" } }, "something else")
end

function test.nothing_of_it_yet(t)
  t:skip("it is not written")
end

return test
