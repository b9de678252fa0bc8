local test = {}

local function service(t, client, percent)
  return t:request{ client = client, service = "old", options = { percent = percent, to = "new" } }.service
end

function test.all_of_them(t)
  t:equal(service(t, "10.0.0.1", 100), "new")
end

function test.none_of_them(t)
  t:equal(service(t, "10.0.0.1", 0), "old")
end

function test.about_the_share_that_was_asked_for(t)
  local sent = 0
  for i = 1, 1000 do
    if service(t, "10.0." .. i // 250 .. "." .. i % 250, 20) == "new" then sent = sent + 1 end
  end
  t:ok(sent > 150 and sent < 250, sent .. " of 1000 for 20 percent")
end

function test.the_same_clients_every_time_and_when_the_share_grows(t)
  for i = 1, 50 do
    local client = "10.1.0." .. i
    local first = service(t, client, 30)
    t:equal(service(t, client, 30), first)
    if first == "new" then t:equal(service(t, client, 60), "new") end
  end
end

function test.another_key_tells_clients_apart(t)
  local options = { percent = 50, to = "new", key = "header.x-user" }
  local function of(client, user)
    return t:request{ client = client, headers = { ["x-user"] = user }, options = options }.service
  end
  t:equal(of("10.0.0.1", "ada"), of("10.0.0.2", "ada"))
end

function test.testers_may_choose(t)
  local options = { percent = 0, to = "new", header = "x-canary" }
  local r = t:request{ headers = { ["x-canary"] = "always" }, options = options }
  t:equal(r.service, "new")
  t:equal(r.log.canary, "true")
  options.percent = 100
  t:equal(t:request{ headers = { ["x-canary"] = "never" }, options = options, service = "old" }.service, "old")
end

function test.it_must_know_where_to(t)
  t:error({ options = { percent = 5 } }, "\"to\"")
end

return test
