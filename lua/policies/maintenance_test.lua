local test = {}

function test.everybody_is_told(t)
  local r = t:request{ options = { retry_after = "30m" } }
  t:equal(r.status, 503)
  t:equal(r.headers["retry-after"], "1800")
  t:equal(r.headers["cache-control"], "no-store")
  t:match(r.body, "back soon")
  t:equal(r.log.maintenance, "true")
end

function test.it_can_be_switched_off(t)
  t:equal(t:request{ options = { on = false } }.status, 200)
end

function test.those_who_do_it_pass(t)
  t:equal(t:request{ client = "10.0.0.7", options = { allow = "10.0.0.7" } }.status, 200)
  t:equal(t:request{ client = "10.0.0.8", options = { allow = "10.0.0.7" } }.status, 503)
end

function test.a_secret_lets_pass(t)
  local options = { secret = "open sesame" }
  t:equal(t:request{ headers = { ["x-maintenance"] = "open sesame" }, options = options }.status, 200)
  t:equal(t:request{ headers = { ["x-maintenance"] = "open" }, options = options }.status, 503)
end

function test.a_flag_is_asked_at_most_every_five_seconds(t)
  local options, asked, on = { flag = { service = "flags", path = "/m" } }, 0, true
  t:service("flags", function(call)
    t:equal(call.path, "/m")
    asked = asked + 1
    return { status = on and 200 or 404 }
  end)
  t:equal(t:request{ options = options }.status, 503)
  t:equal(t:request{ options = options }.status, 503)
  t:equal(asked, 1)
  on = false
  t:advance("6s")
  t:equal(t:request{ options = options }.status, 200)
  t:equal(asked, 2)
end

function test.without_an_answer_all_is_well(t)
  t:service("flags", { reason = "connect-refused" })
  t:equal(t:request{ options = { flag = { service = "flags" } } }.status, 200)
end

return test
