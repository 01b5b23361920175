-- wrk's part of the load: whole-picture reports of many devices, 50 connections each.
-- Environment: DEVICES (file of device ids), TOKEN, FIRST_SEQUENCE, THREADS, DELAY_MS, CONNECTIONS.

local started = 0
function setup(thread)
  thread:set("index", started)
  started = started + 1
end

local threads = tonumber(os.getenv("THREADS"))
local delay_ms = tonumber(os.getenv("DELAY_MS"))
local per_report = tonumber(os.getenv("CONNECTIONS"))
local devices, headers = {}, {}
local before, after = {}, ""

function init()
  for id in io.lines(os.getenv("DEVICES")) do devices[#devices + 1] = id end
  headers["content-type"] = "application/json"
  headers["authorization"] = "Bearer " .. os.getenv("TOKEN")
  sequence = tonumber(os.getenv("FIRST_SEQUENCE"))
  position = index
  local connections = {}
  for i = 1, per_report - 1 do
    connections[i] = string.format(
      '{"protocol":"TCP","sourceIp":"192.168.1.20","sourcePort":%d,"destIp":"10.20.%d.%d","destPort":4059,' ..
      '"bytesIn":%d,"bytesOut":%d,"state":"ESTABLISHED","processName":"meterd"}',
      40000 + i, i % 4, i % 250, i * 1234567, i * 7654)
  end
  after = ',"scannedAt":"2026-01-31T12:00:00.000Z","intervalSeconds":10,"connections":[' ..
    table.concat(connections, ",")
end

-- The last connection's counters move with every report, as counters do.
local moving = ',{"protocol":"TCP","sourceIp":"192.168.1.20","sourcePort":52000,"destIp":"10.20.9.9","destPort":8883,' ..
  '"bytesIn":%d,"bytesOut":%d,"state":"ESTABLISHED","processName":"mqtt"}]}'

function request()
  if position >= #devices then
    position = index
    sequence = sequence + 1
  end
  local id = devices[position + 1]
  position = position + threads
  return wrk.format("POST", "/api/monitor/reports", headers,
    '{"deviceId":"' .. id .. '","session":"bench","sequence":' .. sequence .. after ..
    string.format(moving, sequence * 900, sequence * 300))
end

if delay_ms > 0 then
  function delay() return delay_ms end
end

refused = 0
function response(status)
  if status ~= 200 then refused = refused + 1 end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"failed":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
