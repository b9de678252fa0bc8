local test = {}

local function stopped(t, how, why)
  return t:error({ options = { how = how } }, why)
end

function test.time_is_up(t)
  for _, how in ipairs{ "endless", "caught", "coroutine", "pattern", "move" } do
    stopped(t, how, "it computed for more than its time (lua.time) and was stopped")
  end
end

function test.memory_is_used_up(t)
  stopped(t, "rep", "it wanted more memory than it may have (lua.memory)")
  stopped(t, "table", "(lua.")  -- by the one or, on a slow machine, by the other
end

function test.recursion_has_an_end(t)
  stopped(t, "deep", "limits.lua")
end

function test.a_path_is_no_longer_than_a_client_may_make_it(t)
  stopped(t, "path", "req.path cannot be set: path and query would have 100001 bytes")
end

function test.there_is_no_way_out(t)
  stopped(t, "files", "global 'io'")
  stopped(t, "global", "limits.lua")
  stopped(t, "library", "limits.lua")
end

function test.the_next_request_is_served(t)
  stopped(t, "rep", "memory")
  t:equal(t:request{}.status, 200)
end

return test
