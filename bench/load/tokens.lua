-- Shared by the scripts. Parameters come by environment, so that every thread and the main state see them:
--   BENCH_PORTS   where to, comma-separated; thread after thread takes the next
--   BENCH_TOKENS  a file with one token a line; every thread takes its part of them, and what is left is written back
local tokens = {threads = {}}

local ports = {}
for port in (os.getenv("BENCH_PORTS") or ""):gmatch("%d+") do ports[#ports + 1] = port end

function tokens.setup(thread)
  local threads = tokens.threads
  threads[#threads + 1] = thread
  thread:set("part", #threads - 1)
  if #ports > 0 then thread.addr = wrk.lookup("127.0.0.1", ports[(#threads - 1) % #ports + 1])[1] end
end

-- this thread's lines, those whose number leaves its part as the rest
function tokens.read(part, parts)
  local found, number = {}, 0
  for line in io.lines(os.getenv("BENCH_TOKENS")) do
    if number % parts == part then found[#found + 1] = line end
    number = number + 1
  end
  return found
end

function tokens.write()
  local file = io.open(os.getenv("BENCH_TOKENS"), "w")
  for _, thread in ipairs(tokens.threads) do
    for _, token in pairs(thread:get("pool")) do file:write(token, "\n") end
  end
  file:close()
end

-- one line that the bench reads; errors are answers that were wrong, or none
function tokens.report(summary, latency, wrong)
  local e = summary.errors
  io.write(string.format("RESULT %d %.6f %.4f %.4f %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.status + e.connect + e.read + e.write + e.timeout + (wrong or 0)))
end

return tokens
