-- The token endpoint: BENCH_FORM with the next token of the pool behind it. With BENCH_ROTATES=1 the refresh token of
-- each answer goes back into the pool. Requests without an answer at the end take their token with them.
local tokens = require("tokens")
setup = tokens.setup
local form, rotates = os.getenv("BENCH_FORM"), os.getenv("BENCH_ROTATES") == "1"
local headers = {["Content-Type"] = "application/x-www-form-urlencoded"}

function init()
  pool, first, wrong = tokens.read(part, tonumber(os.getenv("BENCH_THREADS"))), 1, 0
  last = #pool
end

function request()
  local token = pool[first] or "none-left"
  pool[first], first = nil, first + 1
  return wrk.format("POST", nil, headers, form .. token)
end

function response(status, _, body)
  local access = body:match('"access_token"%s*:%s*"[^"]+"')
  local refresh = body:match('"refresh_token"%s*:%s*"([^"]+)"')
  if not access or not refresh then
    wrong = wrong + (status < 400 and 1 or 0) -- the others are counted by their status
    if wrong < 3 then io.stderr:write(status, " ", body:sub(1, 200), "\n") end
  elseif rotates then
    last = last + 1
    pool[last] = refresh
  end
end

function done(summary, latency)
  local odd = 0
  for _, thread in ipairs(tokens.threads) do odd = odd + thread:get("wrong") end
  tokens.report(summary, latency, odd)
  tokens.write()
end
