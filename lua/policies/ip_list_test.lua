local test = {}

local function status(t, client, options)
  return t:request{ client = client, options = options }.status
end

function test.only_some_networks(t)
  local options = { allow = { "10.0.0.0/8", "192.0.2.7", "2001:db8::/32" } }
  t:equal(status(t, "10.9.8.7", options), 200)
  t:equal(status(t, "192.0.2.7", options), 200)
  t:equal(status(t, "192.0.2.8", options), 403)
  t:equal(status(t, "2001:db8:1::1", options), 200)
  t:equal(status(t, "2001:db9::1", options), 403)
  t:equal(status(t, "11.0.0.1", options), 403)
end

function test.some_are_kept_out(t)
  local options = { deny = { "198.51.100.0/24", "2001:db8::1" }, status = 404 }
  t:equal(status(t, "198.51.100.200", options), 404)
  t:equal(status(t, "2001:db8::1", options), 404)
  t:equal(status(t, "198.51.101.1", options), 200)
end

function test.deny_goes_first(t)
  local options = { allow = "10.0.0.0/8", deny = "10.66.0.0/16" }
  t:equal(status(t, "10.66.1.1", options), 403)
  t:equal(status(t, "10.67.1.1", options), 200)
end

function test.an_address_that_is_none_is_refused_at_once(t)
  t:error({ options = { allow = "10.0.0.0/99" } }, "10.0.0.0/99")
end

return test
