-- cors.lua - lets pages of other origins use the answers (CORS), and answers their preflights.
--
--   - cors: {origins: ["https://app.example"], methods: [GET, PUT], credentials: true}
--
-- Preflights never reach the service. The headers are set on every answer, also on Weir's own, so
-- that a page can read why it got a 401: let this policy stand before those that refuse. `*` as an
-- origin means anybody, and cannot go with `credentials`.
local policy = {}

policy.options = {
  origins     = { type = "text", list = true, required = true, about = "https://app.example, or * for all" },
  methods     = { type = "text", list = true, about = "beyond GET, HEAD and POST" },
  headers     = { type = "header", list = true, about = "request headers that pages may send" },
  expose      = { type = "header", list = true, about = "answer headers that pages may read" },
  credentials = { type = "boolean", default = false, about = "may cookies go along?" },
  max_age     = { type = "duration", default = "10m", about = "how long a browser remembers a preflight" },
}

local function allowed(origin, options)
  for _, one in ipairs(options.origins) do
    if one == origin or one == "*" then return one == "*" and not options.credentials and "*" or origin end
  end
end

function policy.start(options)
  for _, one in ipairs(options.origins) do
    if one == "*" and options.credentials then
      error("origins: * and credentials: true do not go together; name the origins", 0)
    end
  end
end

local function joined(first, more)
  local all = { table.unpack(first) }
  for _, one in ipairs(more) do all[#all + 1] = one end
  return table.concat(all, ", ")
end

-- In the shape of a preflight's answer: which methods and headers may come.
local function preflight(req, options)
  req:reply(204, nil, {
    ["access-control-allow-methods"] = joined({ "GET", "HEAD", "POST" }, options.methods),
    ["access-control-allow-headers"] = joined({}, options.headers),
    ["access-control-max-age"] = string.format("%d", options.max_age),
  })
end

function policy.request(req, options)
  local asks = req.method == "OPTIONS" and req.headers["access-control-request-method"]
  if asks and req.headers.origin and allowed(req.headers.origin, options) then
    preflight(req, options)
  end
end

function policy.response(req, res, options)
  local origin = req.headers.origin and allowed(req.headers.origin, options)
  if origin ~= "*" then
    res.headers:add("vary", "origin")
  end
  if not origin then return end
  res.headers["access-control-allow-origin"] = origin
  if options.credentials then
    res.headers["access-control-allow-credentials"] = "true"
  end
  if #options.expose > 0 then
    res.headers["access-control-expose-headers"] = joined({}, options.expose)
  end
end

return policy
