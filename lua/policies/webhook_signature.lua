-- webhook_signature.lua - lets webhooks in only when they are signed with a secret that both know.
--
--   - webhook_signature: {secrets: ["${file:hook.secret}"]}                    # as GitHub signs
--   - webhook_signature:
--       secrets: ["${file:new.secret}", "${file:old.secret}"]                  # while one replaces the other
--       header: x-signature
--       prefix: ""
--       timestamp: x-timestamp
--
-- The signature is an HMAC of the body; with `timestamp`, of "<timestamp>.<body>", and older ones
-- than `tolerance` are refused, so that nobody can send one again later. 401 without a good
-- signature, 413 for a body over `max`.
local policy = {}

policy.options = {
  secrets   = { type = "secret", list = true, required = true, bare = true, about = "any of them will do" },
  header    = { type = "header", default = "x-hub-signature-256", about = "where the signature stands" },
  prefix    = { type = "text", default = "sha256=", about = "what stands before it" },
  algorithm = { type = "choice", choices = { "sha256", "sha384", "sha512", "sha1" }, default = "sha256",
                about = "of the HMAC" },
  form      = { type = "choice", choices = { "hex", "base64" }, default = "hex", about = "how it is written" },
  timestamp = { type = "header", about = "the header with seconds since 1970 that is signed too" },
  tolerance = { type = "duration", default = "5m", about = "how old it may be" },
  max       = { type = "size", default = "1m", about = "the largest body" },
}

local function refuse(req, why)
  req:deny(401, why)
end

-- What was signed: the body, and the time where there is one.
local function signed_text(req, options)
  local body = req:body{ max = options.max }
  if not body then req:deny(413, "the body is too large to be checked") end
  if not options.timestamp then return body end
  local stamp = req.headers[options.timestamp]
  local at = tonumber(stamp)
  if not at or math.abs(weir.time() - at) > options.tolerance then
    refuse(req, "the timestamp is missing or too old")
  end
  return stamp .. "." .. body
end

function policy.request(req, options)
  local given = req.headers[options.header]
  if not given or given:sub(1, #options.prefix) ~= options.prefix then
    refuse(req, "the signature is missing")
  end
  given = given:sub(#options.prefix + 1)
  if options.form == "hex" then given = given:lower() end
  local text = signed_text(req, options)
  for _, secret in ipairs(options.secrets) do
    if weir.equal(given, weir.hmac(secret, text, options.algorithm, options.form)) then return end
  end
  refuse(req, "the signature is wrong")
end

return policy
