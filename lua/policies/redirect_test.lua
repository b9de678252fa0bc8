local test = {}

local function location(t, path, options)
  local r = t:request{ path = path, options = options }
  return r.headers.location, r.status
end

function test.a_path_has_moved(t)
  local to, status = location(t, "/old", { paths = { ["/old"] = "/new" } })
  t:equal(to, "/new")
  t:equal(status, 308)
  t:equal(location(t, "/older", { paths = { ["/old"] = "/new" } }), nil)
end

function test.a_whole_folder_has_moved(t)
  local paths = { ["/docs/*"] = "https://docs.example/*", ["/docs/api/*"] = "/reference/*" }
  t:equal(location(t, "/docs/a/b", { paths = paths }), "https://docs.example/a/b")
  t:equal(location(t, "/docs/api/x", { paths = paths }), "/reference/x")
  t:equal(location(t, "/docs/", { paths = paths }), "https://docs.example/")
end

function test.all_of_it_to_one_page(t)
  t:equal(location(t, "/shop/a/b", { paths = { ["/shop/*"] = "/closed" } }), "/closed")
end

function test.the_query_goes_along(t)
  t:equal(location(t, "/old?a=1", { paths = { ["/old"] = "/new" } }), "/new?a=1")
  t:equal(location(t, "/old?a=1", { paths = { ["/old"] = "/new" }, query = false }), "/new")
  t:equal(location(t, "/old?a=1", { paths = { ["/old"] = "/new?b=2" } }), "/new?b=2")
end

function test.plain_http_goes_to_https(t)
  local options = { https = true, status = 301 }
  local to, status = location(t, "/x?y=1", options)
  t:equal(to, "https://api.example/x?y=1")
  t:equal(status, 301)
  t:equal(t:request{ scheme = "https", options = options }.status, 200)
end

function test.there_is_one_host(t)
  t:equal(location(t, "/x", { host = "www.example" }), "http://www.example/x")
  t:equal(t:request{ host = "www.example", options = { host = "www.example" } }.status, 200)
end

function test.a_redirect_has_a_status_of_one(t)
  t:error({ options = { paths = { ["/a"] = "/b" }, status = 303 } }, "301, 302, 307 or 308")
end

return test
