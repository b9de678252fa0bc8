-- canary.lua - sends a share of the clients to another service, the same clients every time.
--
--   - canary: {percent: 5, to: tariff-next}
--   - canary: {percent: 5, to: tariff-next, key: header.x-user, header: x-canary}
--
-- Who is in the share is decided by `key` alone: nothing is remembered, and all instances of Weir
-- agree. A larger `percent` keeps those who are in it already. `header` lets testers choose: "always"
-- and "never". The access log says `canary: true` for those who were sent on.
local policy = {}

policy.options = {
  percent = { type = "integer", min = 0, max = 100, default = 5, about = "how many of a hundred clients" },
  to      = { type = "service", required = true, about = "the service for them" },
  key     = { type = "key", default = "client.ip", about = "what tells clients apart" },
  salt    = { type = "text", default = "", about = "another text chooses other clients" },
  header  = { type = "header", about = "a request header that decides: always or never" },
}

local function chosen(req, options)
  local wish = options.header and req.headers[options.header]
  if wish == "always" or wish == "never" then
    return wish == "always"
  end
  return weir.hash(req:key(options.key), options.salt) % 100 < options.percent
end

function policy.request(req, options)
  if chosen(req, options) then
    req.log.canary = "true"
    req:route_to(options.to)
  end
end

return policy
