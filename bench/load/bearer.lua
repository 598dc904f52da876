-- a protected resource, with the next access token each time
local tokens = require("tokens")
setup = tokens.setup

function init()
  pool, place = tokens.read(0, 1), part * 7
  for number, token in ipairs(pool) do pool[number] = wrk.format("GET", nil, {["Authorization"] = "Bearer " .. token}) end
end

function request()
  place = place % #pool + 1
  return pool[place]
end

function done(summary, latency) tokens.report(summary, latency) end
