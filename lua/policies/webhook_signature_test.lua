local test = {}

-- HMAC-SHA256 of the body "hello" with the secret "key", by another program (openssl).
local signature = "9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b"

local function request(t, given, options, more)
  local headers = { ["x-hub-signature-256"] = given }
  for name, value in pairs(more or {}) do headers[name] = value end
  return t:request{ method = "POST", body = "hello", headers = headers, options = options }
end

function test.a_good_signature_passes(t)
  t:equal(request(t, "sha256=" .. signature, { secrets = "key" }).status, 200)
  t:equal(request(t, "sha256=" .. signature:upper(), { secrets = { "other", "key" } }).status, 200)
end

function test.any_other_does_not(t)
  t:equal(request(t, "sha256=" .. signature, { secrets = "kez" }).why, "the signature is wrong")
  t:equal(request(t, signature, { secrets = "key" }).why, "the signature is missing")
  t:equal(request(t, nil, { secrets = "key" }).status, 401)
  t:equal(request(t, "sha256=", { secrets = "key" }).status, 401)
end

function test.an_old_one_cannot_be_sent_again(t)
  local options = { secrets = "key", timestamp = "x-time", prefix = "v1=" }
  -- of "1767225600.hello", likewise
  local given = "v1=1f9eef2fabea8969a4a117179b92abbcfcb5eab41715a201c9a99987790a1524"
  t:clock(1767225600)
  local r = request(t, given, options, { ["x-time"] = "1767225600" })
  t:equal(r.status, 200)
  t:equal(request(t, given, options, { ["x-time"] = "1767225601" }).why, "the signature is wrong")
  t:advance("6m")
  r = request(t, given, options, { ["x-time"] = "1767225600" })
  t:equal(r.why, "the timestamp is missing or too old")
  t:equal(request(t, given, options).why, "the timestamp is missing or too old")
end

function test.a_body_that_is_too_large_is_not_checked(t)
  t:equal(request(t, "sha256=" .. signature, { secrets = "key", max = "4b" }).status, 413)
end

return test
