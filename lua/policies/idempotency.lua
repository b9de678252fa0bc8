-- idempotency.lua - a request that is sent twice with the same Idempotency-Key is done once.
--
--   - idempotency: {ttl: 24h}
--   - idempotency: {required: true, per: claim.sub, methods: [POST]}
--
-- The first one goes to the service, and its answer is kept for `ttl`. A later one with the same key
-- gets that answer again, with `idempotency-replayed: true`; while the first is under way it gets 409,
-- with another body or path 422. Answers of 500 and above, and those over `max`, are not kept: it may
-- be tried again. What is kept is shared by the workers of one Weir, and lost with it.
local policy = {}

policy.options = {
  header   = { type = "header", default = "idempotency-key", about = "where the key stands" },
  methods  = { type = "text", list = true, about = "absent: POST and PATCH" },
  per      = { type = "key", default = "client.ip", about = "whose keys they are" },
  ttl      = { type = "duration", default = "24h", about = "how long an answer is kept" },
  required = { type = "boolean", default = false, about = "400 without a key" },
  max      = { type = "size", max = 49152, default = "32k", about = "the largest answer that is kept" },
  body     = { type = "size", default = "1m", about = "the largest request body" },
}

-- Requests whose answer is to be kept, by id: the hooks of one run on one worker.
local running = {}

local function meant(req, options)
  local methods = #options.methods > 0 and options.methods or { "POST", "PATCH" }
  return (" " .. table.concat(methods, " ") .. " "):find(" " .. req.method .. " ", 1, true)
end

local function replay(req, kept, print)
  if kept.print ~= print then
    req:deny(422, "this key was used for another request")
  elseif not kept.status then
    req:deny(409, "the first request with this key is still under way")
  end
  local headers = kept.headers
  headers["idempotency-replayed"] = "true"
  req:reply(kept.status, kept.body, headers)
end

function policy.request(req, options)
  if not meant(req, options) then return end
  local given = req.headers[options.header]
  if not given and options.required then req:deny(400, "the header " .. options.header .. " is missing") end
  if not given then return end
  local body = req:body{ max = options.body }
  if not body then req:deny(413, "the body is too large") end
  local key = weir.sha256(req:key(options.per) .. "\n" .. given)
  local print = weir.sha256(table.concat({ req.method, req.host or "", req.path, req.query_string or "", body }, "\n"))
  if not weir.store:set_new(key, { print = print }, options.ttl) then
    replay(req, weir.store:get(key) or { print = print }, print)
  end
  running[req.id] = { key = key, print = print }
end

function policy.response(req, res, options)
  local mine = running[req.id]
  if not mine or res.status >= 500 then return end
  local body = res:body{ max = options.max }
  if not body then return end
  mine.kept = weir.store:set(mine.key, { print = mine.print, status = res.status, body = body,
    headers = { ["content-type"] = res.headers["content-type"], location = res.headers.location } }, options.ttl)
end

-- However it ended: a key without an answer is free again.
function policy.done(req)
  local mine = running[req.id]
  running[req.id] = nil
  if mine and not mine.kept then weir.store:delete(mine.key) end
end

return policy
