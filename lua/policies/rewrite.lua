-- rewrite.lua - changes path and query of requests by regular expressions before they go on.
--
--   - rewrite: {strip: /api}
--   - rewrite: {rules: [{from: "^/users/([0-9]+)$", to: "/v2/users/$1"}], query: {set: {lang: en}}}
--
-- First `strip` is taken off the front, then the first rule whose expression (PCRE2) matches
-- replaces the path; `$1` is its first group; then `prefix` is put before it. Routes have been chosen
-- already: what is rewritten is what the service gets, and it is checked as a client's path is.
local policy = {}

policy.options = {
  strip  = { type = "text", about = "a prefix that is taken off: whole segments" },
  rules  = { type = "object", list = true, about = "the first that matches", fields = {
    from = { type = "text", required = true, about = "a regular expression on the path" },
    to   = { type = "text", required = true, about = "what stands there instead; $1 is a group" },
  } },
  prefix = { type = "text", about = "what is put before the path" },
  query  = { type = "object", about = "changes of the query", fields = {
    set    = { type = "map", of = "text", about = "parameters that are set" },
    remove = { type = "text", list = true, about = "parameters that are taken off" },
  } },
}

local function stripped(path, prefix)
  prefix = prefix:gsub("/$", "")
  if path == prefix then return "/" end
  if path:sub(1, #prefix + 1) == prefix .. "/" then return path:sub(#prefix + 1) end
  return path
end

local function by_rules(path, rules)
  for _, rule in ipairs(rules) do
    local to = rule.to:gsub("%%", "%%%%"):gsub("%$(%d)", "%%%1")
    local changed, count = weir.re.gsub(path, rule.from, to, 1)
    if count > 0 then return changed end
  end
  return path
end

local function escaped(text)
  return (text:gsub("[^%w%-._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

-- Pairs stay as they were written, in their order.
local function rewritten_query(query, change)
  local gone, kept, names = {}, {}, {}
  for _, name in ipairs(change.remove) do gone[name] = true end
  for name in pairs(change.set) do
    gone[name] = true
    names[#names + 1] = name
  end
  for pair in (query or ""):gmatch("[^&]+") do
    if not gone[pair:match("^[^=]*")] then kept[#kept + 1] = pair end
  end
  table.sort(names)
  for _, name in ipairs(names) do kept[#kept + 1] = escaped(name) .. "=" .. escaped(change.set[name]) end
  return table.concat(kept, "&")
end

function policy.request(req, options)
  local path = req.path
  if options.strip then path = stripped(path, options.strip) end
  path = by_rules(path, options.rules)
  if options.prefix then path = options.prefix .. path end
  if path ~= req.path then req.path = path end
  if options.query then req.query = rewritten_query(req.query_string, options.query) end
end

return policy
