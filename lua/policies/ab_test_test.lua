local test = {}

local options = { name = "checkout", variants = { old = 90, new = 10 }, to = { new = "checkout-next" } }

local function variant(t, more)
  local request = { options = options, service = "checkout" }
  for name, value in pairs(more) do request[name] = value end
  local r = t:request(request)
  return r.sent.headers["x-variant"], r
end

function test.clients_are_divided_as_asked_for(t)
  local new = 0
  for i = 1, 1000 do
    if variant(t, { id = "request-" .. i }) == "new" then new = new + 1 end
  end
  t:ok(new > 60 and new < 150, new .. " of 1000 for 10 percent")
end

function test.a_cookie_keeps_them_there(t)
  local first, r = variant(t, { id = "a" })
  t:equal(r.headers["set-cookie"][1], "ab_checkout=" .. first .. "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax")
  for i = 1, 20 do
    local again, r2 = variant(t, { id = "b" .. i, cookies = { ab_checkout = "new" } })
    t:equal(again, "new")
    t:equal(r2.headers["set-cookie"], nil)
  end
end

function test.a_variant_may_have_its_own_service(t)
  local _, r = variant(t, { cookies = { ab_checkout = "new" } })
  t:equal(r.service, "checkout-next")
  t:equal(r.log.ab_checkout, "new")
  _, r = variant(t, { cookies = { ab_checkout = "old" } })
  t:equal(r.service, "checkout")
end

function test.a_cookie_that_was_made_up_counts_as_none(t)
  local which, r = variant(t, { cookies = { ab_checkout = "admin" } })
  t:ok(which == "old" or which == "new")
  t:equal(#r.headers["set-cookie"], 1)
end

function test.a_key_needs_no_cookie(t)
  local by_key = { name = "checkout", variants = { a = 50, b = 50 }, key = "claim.sub" }
  local first, r = variant(t, { options = by_key, claims = { sub = "ada" }, id = "1" })
  t:equal(variant(t, { options = by_key, claims = { sub = "ada" }, id = "2" }), first)
  t:equal(r.headers["set-cookie"], nil)
end

function test.somebody_must_be_in_it(t)
  t:error({ options = { name = "x", variants = { a = 0 } } }, "at least one")
end

return test
