import { Fleets, LARGE_FLEET } from "@/tests/bench/fleets.ts";
import { generator } from "@/tests/bench/load.ts";
import { startFloor } from "@/tests/bench/floor_process.ts";
const g = generator("wrk");
function threads(pid: number) {
  const out: Record<string, number> = {};
  for (const t of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      const s = Deno.readTextFileSync(`/proc/${pid}/task/${t.name}/stat`);
      const comm = s.slice(s.indexOf("(") + 1, s.lastIndexOf(")"));
      const f = s.slice(s.lastIndexOf(")") + 2).split(" ");
      out[`${comm}/${t.name}`] = Number(f[11]) + Number(f[12]);
      out[`${comm}/${t.name} sys`] = Number(f[12]);
    } catch {}
  }
  return out;
}
function diff(a: Record<string, number>, b: Record<string, number>, n: number) {
  return Object.entries(b).map(([k, v]) =>
    [k, (v - (a[k] ?? 0)) * 1e4 / n] as const
  ).filter(([, v]) => v > 3).sort((x, y) => y[1] - x[1]).slice(0, 7).map((
    [k, v],
  ) => `${k.replace(/\/\d+/, "")}=${v.toFixed(0)}us`).join(" ");
}
using fleets = new Fleets();
for (const n of [100, LARGE_FLEET]) {
  await using server = await fleets.start(n);
  await server.load(g, { seconds: 4 });
  const a = threads(server.pid);
  const io0 = Deno.readTextFileSync(`/proc/${server.pid}/io`);
  const r = await server.load(g, { seconds: 8 });
  const io1 = Deno.readTextFileSync(`/proc/${server.pid}/io`);
  console.log(
    "server",
    n,
    Math.round(r.reportsPerSecond),
    diff(a, threads(server.pid), r.accepted),
  );
  const v = (s: string, k: string) =>
    Number(new RegExp(`${k}: (\\d+)`).exec(s)![1]);
  for (const k of ["syscr", "syscw", "rchar", "wchar"]) {
    console.log("  ", k, ((v(io1, k) - v(io0, k)) / r.accepted).toFixed(2));
  }
  // floor
  const file = fleets.path();
  await Deno.writeTextFile(file, server.deviceIds.join("\n"));
  await using floor = await startFloor(fleets.path());
  const pid = Number(
    new TextDecoder().decode(
      (await new Deno.Command("pgrep", { args: ["-n", "-f", "bench/floor.ts"] })
        .output()).stdout,
    ).trim().split("\n").pop(),
  );
  let seq = 1;
  await g(floor.url, {
    devicesFile: file,
    token: server.agentToken,
    seconds: n === 100 ? 4 : 20,
    connections: 50,
    firstSequence: 1e6 * seq++,
  });
  const b = threads(pid);
  const f = await g(floor.url, {
    devicesFile: file,
    token: server.agentToken,
    seconds: 8,
    connections: 50,
    firstSequence: 1e6 * seq++,
  });
  console.log(
    "floor",
    n,
    Math.round(f.reportsPerSecond),
    diff(b, threads(pid), f.accepted),
  );
}
