-- ip_list.lua - lets only some networks in, or keeps some out.
--
--   - ip_list: {allow: ["10.0.0.0/8", "2001:db8::/32"]}
--   - ip_list: {deny: ["198.51.100.0/24", 203.0.113.7], status: 404}
--
-- `deny` goes before `allow`; with `allow`, whoever is not in it stays out. The address is that of
-- the client as Weir sees it: behind another proxy, name that in the listener's `trusted_proxies`.
-- Write IPv6 networks in their short form, as `2001:db8::/32`.
local policy = {}

policy.options = {
  allow  = { type = "cidr", list = true, bare = true, about = "networks or addresses that may come in" },
  deny   = { type = "cidr", list = true, about = "networks or addresses that may not" },
  status = { type = "integer", min = 400, max = 499, default = 403, about = "of the refusal" },
}

-- 10.0.0.0/8 -> "client.ip/8": what a client in it has as this key is the network's own text.
local function listed(req, networks)
  for _, network in ipairs(networks) do
    local bits = network:match("/(%d+)$")
    local key = bits and "client.ip/" .. bits or "client.ip"
    local of = req:key(key)
    if of == network:lower() or of .. "/" .. (bits or "") == network:lower() then
      return true
    end
  end
  return false
end

function policy.request(req, options)
  if listed(req, options.deny) or (#options.allow > 0 and not listed(req, options.allow)) then
    req:deny(options.status, "not from this network")
  end
end

return policy
