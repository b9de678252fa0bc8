-- transform_json.lua - renames, removes and sets fields of JSON bodies.
--
--   - transform_json:
--       response: {remove: [internal, items.cost], rename: {id: customer_id}, set: {version: "2"}}
--       request: {set: {channel: web}}
--
-- A name with dots goes into tables; in a list it goes into each element. Bodies that are no JSON
-- pass as they are, unless `strict`: then a request gets 400. Bodies over `max` pass too; a request
-- gets 413 with `strict`.
local policy = {}

local edits = {
  remove = { type = "text", list = true, about = "fields that are taken out" },
  rename = { type = "map", of = "text", about = "old name: new last name" },
  set    = { type = "map", of = "text", about = "fields that are set to a text" },
}

policy.options = {
  request  = { type = "object", fields = edits, about = "edits of the request's body" },
  response = { type = "object", fields = edits, about = "edits of the answer's body" },
  max      = { type = "size", default = "256k", about = "larger bodies are left alone" },
  strict   = { type = "boolean", default = false, about = "refuse requests that cannot be read" },
}

-- Calls edit(table, last name) wherever the path leads; `a.b` goes through lists of a.
local function each_at(value, path, edit)
  if type(value) ~= "table" then return end
  if #value > 0 then
    for _, element in ipairs(value) do each_at(element, path, edit) end
    return
  end
  local first, rest = path:match("^([^.]+)%.(.+)$")
  if first then each_at(value[first], rest, edit) else edit(value, path) end
end

local function transform(value, edits)
  for _, path in ipairs(edits.remove) do
    each_at(value, path, function(at, name) at[name] = nil end)
  end
  for path, new in pairs(edits.rename) do
    each_at(value, path, function(at, name) at[new], at[name] = at[name], nil end)
  end
  for path, text in pairs(edits.set) do
    each_at(value, path, function(at, name) at[name] = text end)
  end
  return value
end

local function is_json(headers)
  return (headers["content-type"] or ""):find("^application/[%w.+-]*json") ~= nil
end

function policy.request(req, options)
  if not options.request or not is_json(req.headers) then return end
  local value, why = req:json{ max = options.max }
  if value ~= nil then
    req:set_body(transform(value, options.request))
  elseif options.strict then
    req:deny(why == "too-large" and 413 or 400, "the body cannot be read as JSON")
  end
end

function policy.response(req, res, options)
  if not options.response or not is_json(res.headers) then return end
  local value = res:json{ max = options.max }
  if value ~= nil then
    res:set_body(transform(value, options.response))
  end
end

return policy
