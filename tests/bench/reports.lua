-- wrk's part of the load: whole-picture reports of many devices, by one thread. Environment as in generator.ts.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *time);
]]
local CLOCK_MONOTONIC = 1
local time = ffi.new("bench_time")
local function now_ms()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.seconds) * 1e3 + tonumber(time.nanoseconds) / 1e6
end

local per_second = tonumber(os.getenv("REPORTS_PER_SECOND"))
local per_report = tonumber(os.getenv("CONNECTIONS"))
local devices, headers = {}, {}
local after = ""

function init()
  for id in io.lines(os.getenv("DEVICES")) do devices[#devices + 1] = id end
  headers["content-type"] = "application/json"
  headers["authorization"] = "Bearer " .. os.getenv("TOKEN")
  sequence = tonumber(os.getenv("FIRST_SEQUENCE"))
  position = 0
  local connections = {}
  for i = 1, per_report - 1 do
    connections[i] = string.format(
      '{"protocol":"TCP","sourceIp":"192.168.1.20","sourcePort":%d,"destIp":"10.20.%d.%d","destPort":4059,' ..
      '"bytesIn":%d,"bytesOut":%d,"state":"ESTABLISHED","processName":"meterd"}',
      40000 + i, i % 4, i % 250, i * 1234567, i * 7654)
  end
  after = ',"scannedAt":"2026-01-31T12:00:00.000Z","intervalSeconds":60,"connections":[' ..
    table.concat(connections, ",")
end

-- The last connection's counters move with every report, as counters do.
local moving = ',{"protocol":"TCP","sourceIp":"192.168.1.20","sourcePort":52000,"destIp":"10.20.9.9","destPort":8883,' ..
  '"bytesIn":%d,"bytesOut":%d,"state":"ESTABLISHED","processName":"mqtt"}]}'

function request()
  if position >= #devices then
    position = 0
    sequence = sequence + 1
  end
  position = position + 1
  return wrk.format("POST", "/api/monitor/reports", headers,
    '{"deviceId":"' .. devices[position] .. '","session":"bench","sequence":' .. sequence .. after ..
    string.format(moving, sequence * 900, sequence * 300))
end

if per_second > 0 then
  -- One schedule for all connections: what is late is sent at once, so the pace holds on the whole.
  local due = nil
  function delay()
    local now = now_ms()
    due = (due or now) + 1000 / per_second
    return math.max(0, math.floor(due - now + 0.5))
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"failed":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
