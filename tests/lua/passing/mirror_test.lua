local test = {}

local function told(t, request)
  local r = t:request(request)
  local values = {}
  for name, value in r.body:gmatch('"([a-z]+)":"?([^",}]*)') do values[name] = value end
  return values, r
end

function test.a_request_is_what_it_was_told(t)
  local request = {
    method = "PUT", scheme = "https", host = "shop.example", path = "/a?a=1", client = "10.1.2.3",
    identity = "spiffe://x/y", route = "r", service = "s", id = "id-7", params = { code = "8471" },
    cookies = { c = "7" }, claims = { sub = "ada" }, headers = { ["X-A"] = "v" }, body = "text",
  }
  local got = told(t, request)
  t:equal({ got.method, got.scheme, got.host, got.path, got.query },
    { "PUT", "https", "shop.example", "/a", "1" })
  t:equal({ got.client, got.identity, got.route, got.service, got.id },
    { "10.1.2.3", "spiffe://x/y", "r", "s", "id-7" })
  t:equal({ got.param, got.cookie, got.claim, got.header, got.body }, { "8471", "7", "ada", "v", "text" })
end

function test.the_clock_stands_until_it_is_moved(t)
  t:clock(1700000000)
  t:equal(told(t, {}).time, "1700000000")
  t:advance("90s")
  t:equal(told(t, {}).time, "1700000090")
  t:equal(t:clock(), 1700000090)
end

function test.waiting_moves_it_and_takes_no_time(t)
  local _, r = told(t, { options = { wait = "3s" } })
  t:equal(r.seconds, 3)
  t:equal(r.waits, 2)
end

function test.no_wait_outlasts_the_request(t)
  local _, r = told(t, { options = { wait = "3s" }, time_left = "1s" })
  t:equal(r.seconds, 1)
end

function test.dice_fall_as_told(t)
  t:random(0.25, 0.5)
  t:equal(told(t, {}).random, "0.25")
  t:equal(told(t, {}).random, "0.5")
end

function test.a_client_may_go_at_any_wait(t)
  local _, r = told(t, { gone_at = 1 })
  t:equal(r.status, 499)
  t:equal(r.reason, "client-gone")
end

return test
