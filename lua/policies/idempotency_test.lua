local test = {}

local function post(t, key, more)
  local request = { method = "POST", path = "/pay", body = "7", headers = { ["idempotency-key"] = key } }
  for name, value in pairs(more or {}) do request[name] = value end
  return t:request(request)
end

local function counting(t, answer)
  local calls = { count = 0 }
  t:service("service", function()
    calls.count = calls.count + 1
    return answer or { status = 201, body = "paid", headers = { location = "/payments/1" } }
  end)
  return calls
end

function test.the_second_one_gets_the_answer_of_the_first(t)
  local calls = counting(t)
  t:equal(post(t, "k1").status, 201)
  local r = post(t, "k1", { id = "another" })
  t:equal(r.status, 201)
  t:equal(r.body, "paid")
  t:equal(r.headers.location, "/payments/1")
  t:equal(r.headers["idempotency-replayed"], "true")
  t:equal(calls.count, 1)
end

function test.other_keys_and_other_clients_are_others(t)
  local calls = counting(t)
  post(t, "k1")
  post(t, "k2")
  post(t, "k1", { client = "192.0.2.9" })
  t:equal(calls.count, 3)
end

function test.a_key_is_for_one_request(t)
  counting(t)
  post(t, "k1")
  local r = post(t, "k1", { body = "8" })
  t:equal(r.status, 422)
  t:equal(r.why, "this key was used for another request")
end

function test.while_the_first_is_under_way_there_is_no_second(t)
  local second
  t:service("service", function()
    second = second or post(t, "k1", { id = "second" })
    return "paid"
  end)
  t:equal(post(t, "k1").status, 200)
  t:equal(second.status, 409)
end

function test.what_failed_may_be_tried_again(t)
  local calls = counting(t, { status = 503 })
  t:equal(post(t, "k1").status, 503)
  t:equal(post(t, "k1").status, 503)
  t:equal(calls.count, 2)
end

function test.after_its_time_a_key_is_free_again(t)
  local calls = counting(t)
  post(t, "k1", { options = { ttl = "1h" } })
  t:advance("61m")
  post(t, "k1", { options = { ttl = "1h" } })
  t:equal(calls.count, 2)
end

function test.other_methods_and_requests_without_a_key_pass(t)
  local calls = counting(t)
  post(t, "k1", { method = "GET" })
  post(t, "k1", { method = "GET" })
  post(t, nil, { headers = {} })
  t:equal(calls.count, 3)
  t:equal(post(t, nil, { headers = {}, options = { required = true } }).status, 400)
end

function test.a_client_that_has_gone_leaves_the_key_free(t)
  local calls = counting(t)
  post(t, "k1", { gone_at = 1 })
  t:equal(post(t, "k1").status, 201)
  t:equal(calls.count, 1)
end

return test
