local test = {}

local function answer(t, json, options)
  return t:request{ response = { json = json }, options = options }.body
end

function test.fields_are_removed_also_within_lists(t)
  local options = { response = { remove = { "secret", "items.cost" } } }
  t:equal(answer(t, { secret = 1, items = { { cost = 3, name = "a" }, { cost = 4, name = "b" } } }, options),
    '{"items":[{"name":"a"},{"name":"b"}]}')
end

function test.fields_are_renamed_and_set(t)
  t:equal(answer(t, { id = 7 }, { response = { rename = { id = "customer_id" } } }), '{"customer_id":7}')
  t:equal(answer(t, { user = { name = "ada" } }, { response = { set = { ["user.name"] = "x" } } }),
    '{"user":{"name":"x"}}')
end

function test.requests_too(t)
  local r = t:request{ method = "POST", json = { a = 1 }, options = { request = { remove = "a", set = { b = "2" } } } }
  t:equal(r.sent.body, '{"b":"2"}')
end

function test.what_is_no_json_passes(t)
  local options = { request = { remove = "a" }, response = { remove = "a" } }
  local r = t:request{ method = "POST", body = "a=1", options = options, response = "plain" }
  t:equal(r.sent.body, "a=1")
  t:equal(r.body, "plain")
  r = t:request{ method = "POST", body = "{broken", headers = { ["content-type"] = "application/json" }, options = options }
  t:equal(r.status, 200)
  t:equal(r.sent.body, "{broken")
end

function test.strict_refuses(t)
  local options = { request = { remove = "a" }, strict = true, max = "10b" }
  local headers = { ["content-type"] = "application/json" }
  t:equal(t:request{ method = "POST", body = "{broken", headers = headers, options = options }.status, 400)
  t:equal(t:request{ method = "POST", body = '{"a":"0123456789"}', headers = headers, options = options }.status, 413)
end

return test
