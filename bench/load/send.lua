-- POST a multipart body that differs in one number each time: BENCH_BODY is a file with ten @ in the number's place,
-- BENCH_AUTH the Authorization header
local tokens = require("tokens")
setup = tokens.setup

function init()
  local file = io.open(os.getenv("BENCH_BODY"), "rb")
  local body = file:read("*a")
  file:close()
  local headers = {["Content-Type"] = "multipart/form-data; boundary=bench-boundary", ["Authorization"] = os.getenv("BENCH_AUTH")}
  local whole = wrk.format("POST", nil, headers, body)
  local first, last = whole:find(("@"):rep(10), 1, true)
  head, tail, number = whole:sub(1, first - 1), whole:sub(last + 1), os.time() % 1e6 * 1e4 + part
end

function request()
  number = number + 2
  return head .. string.format("%010d", number % 1e10) .. tail
end

function done(summary, latency) tokens.report(summary, latency) end
