local test = {}

local options = { origins = { "https://app.example" }, methods = { "PUT" }, headers = { "x-token" } }

function test.a_preflight_never_reaches_the_service(t)
  t:service("service", function() t:fail("it was called") end)
  local r = t:request{ method = "OPTIONS", options = options, headers = {
    origin = "https://app.example", ["access-control-request-method"] = "PUT" } }
  t:equal(r.status, 204)
  t:equal(r.headers["Access-Control-Allow-Origin"], "https://app.example")
  t:equal(r.headers["access-control-allow-methods"], "GET, HEAD, POST, PUT")
  t:equal(r.headers["access-control-allow-headers"], "x-token")
  t:equal(r.headers["access-control-max-age"], "600")
end

function test.an_ordinary_answer_may_be_read(t)
  local r = t:request{ headers = { origin = "https://app.example" }, options = options }
  t:equal(r.headers["access-control-allow-origin"], "https://app.example")
  t:equal(r.headers.vary, "origin")
end

function test.others_may_not(t)
  local r = t:request{ headers = { origin = "https://evil.example" }, options = options }
  t:equal(r.status, 200)
  t:equal(r.headers["access-control-allow-origin"], nil)
  t:equal(r.headers.vary, "origin")
end

function test.options_without_a_question_go_to_the_service(t)
  local r = t:request{ method = "OPTIONS", headers = { origin = "https://app.example" }, options = options }
  t:equal(r.status, 200)
end

function test.the_whys_of_weir_may_be_read_too(t)
  t:service("service", { reason = "connect-refused" })
  local r = t:request{ headers = { origin = "https://app.example" }, options = options }
  t:equal(r.status, 503)
  t:equal(r.headers["access-control-allow-origin"], "https://app.example")
end

function test.anybody(t)
  local r = t:request{ headers = { origin = "https://a.example" }, options = { origins = "*" } }
  t:equal(r.headers["access-control-allow-origin"], "*")
  t:equal(r.headers.vary, nil)
end

function test.credentials_name_the_origin(t)
  local with = { origins = { "https://app.example" }, credentials = true }
  local r = t:request{ headers = { origin = "https://app.example" }, options = with }
  t:equal(r.headers["access-control-allow-credentials"], "true")
  t:error({ options = { origins = "*", credentials = true } }, "do not go together")
end

return test
