-- again.lua - a policy that wants another answer when there was none.
local policy = {}

function policy.response(req, res)
  if res.status == 503 then
    local _, why = res:retry{ service = "second", after = "1s" }
    req.log.why = why
  end
  res.trailers["x-sum"] = "1"
end

return policy
