-- redirect.lua - sends clients to where things have moved.
--
--   - redirect: {paths: {/old: /new, "/docs/*": "https://docs.example/*"}}
--   - redirect: {https: true, host: www.example.com, status: 301}
--
-- `paths` takes exact paths and prefixes with `/*`; what the `*` stood for goes where the target has
-- one. The most precise prefix wins. `https` and `host` keep path and query. 308 and 307 keep the
-- method as well; 301 and 302 may turn a POST into a GET.
local policy = {}

policy.options = {
  paths  = { type = "map", of = "text", about = "old path: new path or URL" },
  https  = { type = "boolean", default = false, about = "send http:// to https://" },
  host   = { type = "text", about = "the one host name that is used" },
  status = { type = "integer", min = 301, max = 308, default = 308, about = "301, 302, 307 or 308" },
  query  = { type = "boolean", default = true, about = "keep the query" },
}

local statuses = { [301] = true, [302] = true, [307] = true, [308] = true }

function policy.start(options)
  if not statuses[options.status] then
    error("status: a redirect has 301, 302, 307 or 308", 0)
  end
end

-- What the `*` of a prefix stands for, and how precise it was.
local function rest_of(path, from)
  local prefix = from:match("^(.*/)%*$")
  if prefix and path:sub(1, #prefix) == prefix then
    return path:sub(#prefix + 1), #prefix
  end
end

local function moved(path, paths)
  if paths[path] then return paths[path] end
  local best, length = nil, -1
  for from, to in pairs(paths) do
    local rest, precise = rest_of(path, from)
    if rest and precise > length then
      local before, after = to:match("^([^*]*)%*(.*)$")
      best, length = before and before .. rest .. after or to, precise
    end
  end
  return best
end

local function with_query(url, req, options)
  if not options.query or not req.query_string or url:find("?", 1, true) then return url end
  return url .. "?" .. req.query_string
end

function policy.request(req, options)
  local to = moved(req.path, options.paths)
  if to then req:redirect(with_query(to, req, options), options.status) end
  local scheme = options.https and "https" or req.scheme
  local host = options.host or req.host
  if scheme ~= req.scheme or host ~= req.host then
    req:redirect(with_query(scheme .. "://" .. host .. req.path, req, options), options.status)
  end
end

return policy
