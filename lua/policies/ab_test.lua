-- ab_test.lua - divides clients among variants of a page or service, and keeps them there.
--
--   - ab_test: {name: checkout, variants: {old: 90, new: 10}, to: {new: checkout-next}}
--   - ab_test: {name: banner, variants: {a: 50, b: 50}, key: claim.sub}
--
-- The service reads the variant in `header`; `to` sends a variant to a service of its own. Without
-- `key` a cookie remembers the variant; a variant that is no more, and a cookie that somebody has made
-- up, count as none. The access log says `ab_<name>: <variant>`. With `key` nothing is set: the same
-- key always gives the same variant.
local policy = {}

policy.options = {
  name     = { type = "text", required = true, about = "of the test; cookie and log are named for it" },
  variants = { type = "map", of = "integer", required = true, about = "variant: how many parts of the clients" },
  to       = { type = "map", of = "service", about = "variant: the service for it" },
  header   = { type = "header", default = "x-variant", about = "how the service learns the variant" },
  key      = { type = "key", about = "what tells clients apart; absent: a cookie" },
  days     = { type = "integer", min = 1, max = 400, default = 30, about = "how long the cookie lasts" },
}

local function cookie_name(options)
  return "ab_" .. options.name
end

-- In the order of their names, so that every worker counts alike.
local function variant_at(number, variants)
  local names, sum = {}, 0
  for name, parts in pairs(variants) do
    names[#names + 1] = name
    sum = sum + parts
  end
  table.sort(names)
  local rest = number % sum
  for _, name in ipairs(names) do
    if rest < variants[name] then return name end
    rest = rest - variants[name]
  end
end

local function remembered(req, options)
  local said = not options.key and req.cookies[cookie_name(options)]
  return said and options.variants[said] and said or nil
end

-- Without a key a new client is told apart by its request, so that both hooks say the same.
local function variant_of(req, options)
  local of = options.key and req:key(options.key) or req.id
  return remembered(req, options) or variant_at(weir.hash(of, options.name), options.variants)
end

function policy.start(options)
  for _, parts in pairs(options.variants) do
    if parts > 0 then return end
  end
  error("variants: at least one needs a part of the clients", 0)
end

function policy.request(req, options)
  local variant = variant_of(req, options)
  req.headers[options.header] = variant
  req.log["ab_" .. options.name] = variant
  if options.to[variant] then req:route_to(options.to[variant]) end
end

function policy.response(req, res, options)
  if options.key or remembered(req, options) then return end
  res.headers:add("set-cookie", string.format("%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax",
    cookie_name(options), variant_of(req, options), options.days * 86400))
end

return policy
