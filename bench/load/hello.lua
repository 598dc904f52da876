-- the ceiling
local tokens = require("tokens")
setup = tokens.setup
function done(summary, latency) tokens.report(summary, latency) end
