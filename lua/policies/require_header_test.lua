local test = {}

local function status(t, options, headers, method)
  return t:request{ method = method, headers = headers, options = options }.status
end

function test.it_must_be_there(t)
  local r = t:request{ options = { name = "x-tenant" } }
  t:equal(r.status, 400)
  t:equal(r.why, "the header x-tenant is missing")
  t:equal(status(t, { name = "x-tenant" }, { ["X-Tenant"] = "a" }), 200)
end

function test.values_have_no_case(t)
  local options = { name = "content-type", values = { "application/json" }, status = 415 }
  t:equal(status(t, options, { ["content-type"] = "Application/JSON" }), 200)
  t:equal(status(t, options, { ["content-type"] = "text/plain" }), 415)
end

function test.every_value_counts(t)
  local options = { name = "x-role", pattern = "^(guest|user)$" }
  t:equal(status(t, options, { ["x-role"] = { "guest", "user" } }), 200)
  t:equal(status(t, options, { ["x-role"] = { "guest", "root" } }), 400)
end

function test.only_for_the_methods_named(t)
  local options = { name = "content-type", methods = { "POST" } }
  t:equal(status(t, options, {}, "GET"), 200)
  t:equal(status(t, options, {}, "POST"), 400)
end

function test.it_may_be_taken_off(t)
  local r = t:request{ headers = { ["x-key"] = "1" }, options = { name = "x-key", remove = true } }
  t:equal(r.sent.headers["x-key"], nil)
end

return test
