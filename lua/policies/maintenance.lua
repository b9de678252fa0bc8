-- maintenance.lua - answers that there is maintenance, and lets those pass who do it.
--
--   - maintenance: {on: true, retry_after: 30m, allow: [10.0.0.7]}
--   - maintenance: {flag: {service: flags-svc, path: /maintenance}, body: "<h1>Back at noon</h1>"}
--
-- With `flag` a service is asked (at most every five seconds by each worker): 200 means
-- maintenance, any other answer and none mean that all is well. `header` and `secret` let testers
-- in from anywhere.
local policy = {}

policy.options = {
  on           = { type = "boolean", default = true, about = "false: everybody passes" },
  flag         = { type = "object", about = "a service that says whether there is maintenance", fields = {
    service = { type = "service", required = true, about = "whom to ask" },
    path    = { type = "text", default = "/", about = "what to ask for" },
  } },
  allow        = { type = "text", list = true, about = "addresses of clients that pass" },
  header       = { type = "header", default = "x-maintenance", about = "a header that lets pass with the secret" },
  secret       = { type = "secret", about = "what it must say" },
  retry_after  = { type = "duration", about = "when to come again" },
  body         = { type = "text", default = "We will be back soon.", about = "what is shown" },
  content_type = { type = "text", default = "text/html; charset=utf-8", about = "of the body" },
}

local function may_pass(req, options)
  for _, address in ipairs(options.allow) do
    if req.client == address then return true end
  end
  local said = options.secret and req.headers[options.header]
  return said and weir.equal(said, options.secret)
end

local function flagged(flag)
  return weir.cache("flag " .. flag.service .. flag.path, "5s", function()
    local answer = weir.get(flag.service, flag.path, { timeout = "1s" })
    return answer ~= nil and answer.status == 200
  end)
end

function policy.request(req, options)
  if not options.on or may_pass(req, options) then return end
  if options.flag and not flagged(options.flag) then return end
  local headers = { ["content-type"] = options.content_type, ["cache-control"] = "no-store" }
  if options.retry_after then
    headers["retry-after"] = string.format("%d", options.retry_after)
  end
  req.log.maintenance = "true"
  req:reply(503, options.body, headers)
end

return policy
