-- require_header.lua - refuses requests that lack a header, or have it with another value.
--
--   - require_header: {name: x-api-version, pattern: "^2(\\.[0-9]+)?$", status: 400}
--   - require_header: {name: content-type, values: [application/json], methods: [POST, PUT]}
--
-- Every value counts: a second header of the same name does not get past it. `values` compares
-- whole, without case; `pattern` is a regular expression (PCRE2). With `remove` the header goes no
-- further.
local policy = {}

policy.options = {
  name    = { type = "header", required = true, bare = true, about = "the header that must be there" },
  values  = { type = "text", list = true, about = "the values it may have" },
  pattern = { type = "text", about = "a regular expression that every value must match" },
  methods = { type = "text", list = true, about = "only requests with these methods; absent: all" },
  status  = { type = "integer", min = 400, max = 499, default = 400, about = "of the refusal" },
  why     = { type = "text", about = "what the client is told" },
  remove  = { type = "boolean", default = false, about = "take it off before the request goes on" },
}

local function contains(list, value)
  for _, one in ipairs(list) do
    if one:lower() == value:lower() then return true end
  end
  return false
end

local function fits(value, options)
  return (#options.values == 0 or contains(options.values, value))
     and (not options.pattern or weir.re.find(value, options.pattern) ~= nil)
end

function policy.request(req, options)
  if #options.methods > 0 and not contains(options.methods, req.method) then return end
  local values = req.headers:all(options.name)
  if #values == 0 then
    req:deny(options.status, options.why or ("the header " .. options.name .. " is missing"))
  end
  for _, value in ipairs(values) do
    if not fits(value, options) then
      req:deny(options.status, options.why or ("the header " .. options.name .. " has a value that is not accepted"))
    end
  end
  if options.remove then
    req.headers[options.name] = nil
  end
end

return policy
