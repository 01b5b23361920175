/** What Linux tells of a process under /proc. */

/** USER_HZ: the unit of /proc/PID/stat on every architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 200;

/** The CPU time of all its threads so far, user and system, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await proc(pid, "stat");
  // The second field, a name in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime, stime] = [Number(fields[11]), Number(fields[12])];
  return (utime + stime) / TICKS_PER_SECOND;
}

/** Its resident memory now, and at most since its start, in MB. */
export async function residentMb(
  pid: number,
): Promise<{ now: number; peak: number }> {
  const status = await proc(pid, "status");
  return { now: kilobytes(status, "VmRSS"), peak: kilobytes(status, "VmHWM") };
}

/** The most resident memory, in MB, that was seen while `work` ran. */
export async function peakResidentMb(
  pid: number,
  work: Promise<unknown>,
): Promise<number> {
  let working = true;
  const ended = work.finally(() => working = false);
  let peak = 0;
  while (working) {
    peak = Math.max(peak, (await residentMb(pid)).now);
    await Promise.race([
      ended,
      new Promise((resolve) => setTimeout(resolve, SAMPLE_MS)),
    ]);
  }
  await ended;
  return peak;
}

/** Deno reads nothing under /proc unless everything is allowed; cat does. */
async function proc(pid: number, file: string): Promise<string> {
  const { stdout, success } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/${file}`],
  }).output();
  if (!success) throw new Error(`process ${pid} has ended`);
  return new TextDecoder().decode(stdout);
}

function kilobytes(status: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  if (!found) throw new Error(`/proc does not tell ${name}`);
  return Number(found) / 1024;
}
