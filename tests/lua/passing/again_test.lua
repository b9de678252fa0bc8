local test = {}

function test.another_service_answers(t)
  t:service("first", { status = 503 })
  t:service("second", "hello")
  local r = t:request{ service = "first" }
  t:equal(r.status, 200)
  t:equal(r.body, "hello")
  t:equal(r.service, "second")
  t:equal(r.attempts, 2)
  t:equal(r.seconds, 1)
  t:equal(r.trailers["X-Sum"], "1")
end

function test.what_is_not_safe_is_not_repeated(t)
  t:service("first", { status = 503 })
  local r = t:request{ service = "first", method = "POST" }
  t:equal(r.status, 503)
  t:equal(r.log.why, "unsafe")
  t:equal(t:request{ service = "first", method = "POST", repeatable = true }.attempts, 2)
end

return test
