-- mirror.lua - a policy that tells all it sees, so that tests see what they have told it.
local policy = {}

policy.options = { wait = { type = "duration", about = "sleeps so long" } }

function policy.request(req, options)
  if options.wait then weir.sleep(options.wait) end
  req:reply(200, {
    method = req.method, scheme = req.scheme, host = req.host, path = req.path, query = req.query.a,
    client = req.client, identity = req.identity, route = req.route, service = req.service,
    id = req.id, param = req.params.code, cookie = req.cookies.c, claim = req.claims.sub,
    header = req.headers["x-a"], body = req:body{ max = "1k" }, time = math.floor(weir.time()),
    random = weir.random(), left = req.time_left,
  })
end

return policy
