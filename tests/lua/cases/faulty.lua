-- faulty.lua - a policy that can be told how to fail.
local policy = {}

policy.options = {
  how = { type = "text", default = "well", about = "what goes wrong" },
}

function policy.request(req, options)
  if options.how == "error" then
    local nothing
    return nothing.field
  elseif options.how == "endless" then
    while true do end
  elseif options.how == "header" then
    req.headers["x-a"] = "1"
  end
end

return policy
