-- limits.lua - a policy that can be told to go beyond each limit.
local policy = {}

policy.options = { how = { type = "text", default = "well" } }

local ways = {}

function ways.well() end

function ways.endless() while true do end end

function ways.caught() while true do pcall(ways.endless) end end

function ways.coroutine() coroutine.wrap(ways.endless)() end

function ways.pattern() return (("a"):rep(40) .. "b"):find(("a?"):rep(40) .. ("a"):rep(40) .. "c") end

function ways.move() table.move({}, 1, 1000000000, 2, {}) end

function ways.table()
  local all = {}
  for i = 1, math.huge do all[i] = { i } end
end

function ways.rep() return ("x"):rep(1 << 30) end

function ways.deep()
  local t = setmetatable({}, { __index = function(t, k) return t[k .. "x"] end })
  return t.a
end

function ways.files() return io.open("/etc/passwd") end

function ways.global() leaked = 1 end

function ways.library() string.upper = nil end

function ways.bytecode() return load("\27Lua") end

function ways.path(req) req.path = "/" .. ("x"):rep(100000) end

function policy.request(req, options) ways[options.how](req) end

return policy
