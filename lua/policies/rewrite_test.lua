local test = {}

local function path(t, from, options)
  return t:request{ path = from, options = options }.sent.path
end

function test.a_prefix_is_taken_off(t)
  t:equal(path(t, "/api/users", { strip = "/api" }), "/users")
  t:equal(path(t, "/api", { strip = "/api/" }), "/")
  t:equal(path(t, "/apis", { strip = "/api" }), "/apis")
end

function test.the_first_rule_that_matches(t)
  local options = { rules = { { from = "^/users/([0-9]+)$", to = "/v2/users/$1" }, { from = "^/.*", to = "/other" } } }
  t:equal(path(t, "/users/7", options), "/v2/users/7")
  t:equal(path(t, "/users/x", options), "/other")
end

function test.a_prefix_is_put_before(t)
  t:equal(path(t, "/api/a", { strip = "/api", prefix = "/v2" }), "/v2/a")
end

function test.the_query_is_changed(t)
  local r = t:request{ path = "/x?a=1&b=2&lang=de", options = {
    query = { set = { lang = "en gb" }, remove = { "a" } } } }
  t:equal(r.sent.query, "b=2&lang=en%20gb")
end

function test.a_path_that_is_none_is_an_error(t)
  t:error({ path = "/x", options = { rules = { { from = "^/x$", to = "/../../etc" } } } }, "no valid path")
end

function test.what_does_not_match_stays(t)
  local r = t:request{ path = "/x?a=1", options = { rules = { { from = "^/y", to = "/z" } } } }
  t:equal(r.sent.path, "/x")
  t:equal(r.sent.query, "a=1")
end

return test
