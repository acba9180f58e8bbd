-- wrk: sends the requests of a folder in turn, one an agent, and prints what became of them as one line of JSON.
local requests, last = {}, 0

function init(args)
  local folder, count = args[1], tonumber(args[2])
  for number = 1, count do
    local file = assert(io.open(string.format("%s/%d.http", folder, number - 1), "rb"))
    requests[number] = file:read("*a")
    file:close()
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"answers":%d,"refused":%d,"broken":%d,"timeouts":%d,"seconds":%.6f,"p50":%.6f,"p99":%.6f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write, errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6
  ))
end
