local test = {}

local options = { parts = {
  tariff = { service = "tariff-svc", path = "/tariff/{code}", required = true },
  risk = { service = "risk-svc", path = "/risk?code={code}" },
} }

local function request(t, more)
  return t:request{ path = "/overview/8471", params = { code = "8471" }, options = more or options,
                    headers = { authorization = "Bearer x" } }
end

function test.one_answer_of_several(t)
  t:service("tariff-svc", { json = { rate = 3 } })
  t:service("risk-svc", { json = { level = "low" } })
  local r = request(t)
  t:equal(r.status, 200)
  t:match(r.body, '"tariff":{"rate":3}')
  t:match(r.body, '"risk":{"level":"low"}')
  t:equal(r.headers["content-type"], "application/json")
  local paths = {}
  for _, call in ipairs(r.calls) do paths[call.service] = call.path end
  t:equal(paths, { ["tariff-svc"] = "/tariff/8471", ["risk-svc"] = "/risk?code=8471" })
end

function test.a_part_that_failed_is_null_and_says_why(t)
  t:service("tariff-svc", { json = { rate = 3 } })
  t:service("risk-svc", { reason = "connect-refused" })
  local r = request(t)
  t:equal(r.status, 200)
  t:match(r.body, '"risk":null')
  t:match(r.body, '"errors":{"risk":"connect%-refused"}')
end

function test.without_what_is_required_there_is_none(t)
  t:service("tariff-svc", { status = 500 })
  t:service("risk-svc", { json = {} })
  local r = request(t)
  t:equal(r.status, 502)
  t:equal(r.why, "tariff could not be had: status-500")
end

function test.a_part_may_be_kept_for_a_while(t)
  local kept = { parts = { tariff = { service = "tariff-svc", path = "/{code}", cache = "1m" } } }
  t:service("tariff-svc", { json = { rate = 3 } })
  t:equal(#request(t, kept).calls, 1)
  t:equal(#request(t, kept).calls, 0)
  t:advance("61s")
  t:equal(#request(t, kept).calls, 1)
end

function test.headers_go_along_when_named(t)
  t:service("a", { json = {} })
  local r = request(t, { parts = { a = { service = "a" } }, forward = { "authorization" } })
  t:equal(r.calls[1].headers.authorization, "Bearer x")
end

return test
