-- For wrk: sends each line of the file in BENCH_BODIES once, as one filled-in form.
local bodies = {}
for line in io.lines(os.getenv("BENCH_BODIES")) do
  bodies[#bodies + 1] = line
end
local at = 0

wrk.method = "POST"

function request()
  at = at % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[at])
end
