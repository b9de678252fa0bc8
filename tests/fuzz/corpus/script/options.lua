return { request = function(req) req:deny(403) end, options = { a = { type = "map", of = "object", fields = { b = { type = "choice", choices = { "x" } } } } } }
