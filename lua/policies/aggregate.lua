-- aggregate.lua - one answer made of the answers of several services.
--
--   match: {path: "/overview/{code}"}
--   policies:
--     - aggregate:
--         parts:
--           tariff: {service: tariff-svc, path: "/tariff/{code}", required: true}
--           risk: {service: risk-svc, path: "/risk/{code}"}
--
-- The services are asked one after the other, each within `timeout`; `{name}` in a path is a segment
-- of the route's path. The answer is a JSON object with one field for each part; a part that failed is
-- null and stands under `errors` with its reason or status. Without a required part it is a 502.
-- `cache` keeps parts that came well for a while. Headers named in `forward` are passed on.
local policy = {}

policy.options = {
  parts = { type = "map", of = "object", required = true, about = "field of the answer: where from", fields = {
    service  = { type = "service", required = true, about = "whom to ask" },
    path     = { type = "text", default = "/", about = "what to ask for; {name} is filled in" },
    required = { type = "boolean", default = false, about = "without it there is no answer" },
    cache    = { type = "duration", about = "how long its answer may be used again" },
  } },
  timeout = { type = "duration", default = "2s", about = "for each part" },
  forward = { type = "header", list = true, about = "request headers that the services get too" },
}

local function escaped(text)
  return (text:gsub("[^%w%-._~%%]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function fill(path, params)
  return (path:gsub("{([%w_]+)}", function(name) return escaped(params[name] or "") end))
end

local function ask(part, path, headers, timeout)
  local answer, reason = weir.get(part.service, path, { timeout = timeout, headers = headers })
  if not answer then return nil, reason end
  if answer.status ~= 200 then return nil, "status-" .. answer.status end
  local value = answer:json()
  if value == nil then return nil, "no-json" end
  return value
end

local function part_of(name, part, req, headers, options)
  local path = fill(part.path, req.params)
  if not part.cache then return ask(part, path, headers, options.timeout) end
  local seen = { name, path }
  for _, header in ipairs(options.forward) do seen[#seen + 1] = headers[header] or "" end
  return weir.cache(weir.sha256(table.concat(seen, "\n")), part.cache, function()
    return ask(part, path, headers, options.timeout)
  end)
end

function policy.request(req, options)
  local headers, whole, errors = {}, {}, {}
  for _, name in ipairs(options.forward) do headers[name] = req.headers[name] end
  for name, part in pairs(options.parts) do
    local value, why = part_of(name, part, req, headers, options)
    if value == nil and part.required then
      req:deny(502, name .. " could not be had: " .. tostring(why))
    end
    whole[name] = value == nil and weir.json.null or value
    if value == nil then errors[name] = tostring(why) end
  end
  if next(errors) then whole.errors = errors end
  req:reply(200, whole)
end

return policy
