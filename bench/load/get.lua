-- GET the same page again and again, with BENCH_AUTH as the Authorization header
local tokens = require("tokens")
setup = tokens.setup

function init() prepared = wrk.format("GET", nil, {["Authorization"] = os.getenv("BENCH_AUTH")}) end
function request() return prepared end
function done(summary, latency) tokens.report(summary, latency) end
