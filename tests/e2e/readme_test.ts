/** The README's demo, on a clean copy of the checkout. */
import assert from "node:assert/strict";
import {
  call,
  eventually,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const DEMO = /^npx -y deno@[\d.]+ (task demo)$/m;

/** Settings of a real server and agent, which the demo must not take for its own. */
const FOREIGN_SETTINGS = {
  JWT_SECRET: "short",
  PUBLIC_URL: "https://monitor.example",
  REGISTRATION: "closed",
  TLS_CERT: "/nowhere/cert.pem",
  MONITOR_DEVICE_NAME: "a-real-meter",
};

const isCheckout = await exists(".git");
const where = Deno.build.os === "windows" ? "has no process groups" : null;
const reason = isCheckout ? where : "is no git checkout";

Deno.test({
  name:
    "README: its demo shows this machine online, and ends with all its processes" +
    (reason === null ? "" : ` (skipped, this ${reason})`),
  ignore: reason !== null && Deno.env.get("CI") !== "true",
  async fn(test) {
    using folder = temporaryFolder();
    await copyCheckout(folder.path);
    const port = freePort();
    let token = "";
    await test.step("on a clean checkout, until Ctrl+C", async () => {
      await using demo = await startDemo(folder.path, port);
      token = await logIn(demo);
      const device = await thisMachine(demo, token);
      assert.equal(device.status, "online");
      await showsNewConnection(demo, token, device.id);
      await servesItsPages(demo.url);
      // A terminal interrupts all of the group.
      await endsWith(demo, port, () => Deno.kill(-demo.groupId, "SIGINT"));
    });
    await test.step("again, with what it kept, until the task alone is told to end", async () => {
      const startedAt = new Date().toISOString();
      await using demo = await startDemo(folder.path, port);
      // Logging in anew would give the agent time.
      const device = await thisMachine(demo, token);
      assert.ok(device.lastSeen > startedAt, "it has reported anew");
      await endsWith(demo, port, () => Deno.kill(demo.groupId, "SIGTERM"));
    });
  },
});

interface Demo extends AsyncDisposable {
  /** The group of all its processes, as a terminal would make one. */
  groupId: number;
  ended: Promise<Deno.CommandStatus>;
  /** As it printed them. */
  url: string;
  username: string;
  password: string;
}

/** The files that git knows, as they are now: no packages, no client, no database. */
async function copyCheckout(folder: string): Promise<void> {
  const { stdout } = await new Deno.Command("git", {
    args: ["-c", "safe.directory=*", "ls-files", "-z"],
  }).output();
  const paths = new TextDecoder().decode(stdout).split("\0")
    .filter((path) => path !== "");
  assert.ok(paths.includes("README.md"), "git lists the checkout");
  for (const path of paths) {
    // A file may be gone from the working tree.
    if (!await exists(path)) continue;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    await Deno.mkdir(`${folder}/${parent}`, { recursive: true });
    await Deno.copyFile(path, `${folder}/${path}`);
  }
}

/** Runs the README's command, and waits until it has printed how to log in. */
async function startDemo(cwd: string, port: number): Promise<Demo> {
  const readme = await Deno.readTextFile(`${cwd}/README.md`);
  const [, task = ""] = DEMO.exec(readme) ?? [];
  const child = new Deno.Command(Deno.execPath(), {
    args: task.split(" "),
    cwd,
    env: { ...FOREIGN_SETTINGS, PORT: String(port), NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  let output = "";
  const readers = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
    }
  });
  const ended = child.status;
  let isRunning = true;
  ended.then(() => isRunning = false);
  const dispose = async () => {
    if (isAlive(child.pid)) Deno.kill(-child.pid, "SIGKILL");
    await Promise.all([ended, ...readers]);
  };
  const printed = (what: string) =>
    new RegExp(`^ +${what} +(\\S+)$`, "m").exec(output)?.[1] ?? "";
  await eventually(
    "the demo to print the password",
    () => printed("Password") || !isRunning,
  ).catch(async (error) => {
    await dispose();
    throw error;
  });
  if (!isRunning) await dispose();
  assert.ok(isRunning, output);
  return {
    groupId: child.pid,
    ended,
    url: printed("Dashboard"),
    username: printed("User name"),
    password: printed("Password"),
    [Symbol.asyncDispose]: dispose,
  };
}

interface Device {
  id: string;
  deviceName: string;
  status: string;
  lastSeen: string;
}

/** The one device on the dashboard of the printed account. */
async function thisMachine(demo: Demo, token: string): Promise<Device> {
  const url = `${demo.url}/api/dashboard/users`;
  const { status, body } = await call(url, "GET", undefined, token);
  assert.equal(status, 200);
  assert.equal(body.devices.length, 1);
  const [device] = body.devices;
  assert.equal(device.deviceName, Deno.hostname());
  return device;
}

async function logIn({ url, username, password }: Demo): Promise<string> {
  const { status, body } = await call(`${url}/api/auth/login`, "POST", {
    username,
    password,
  });
  assert.equal(status, 200);
  return body.token;
}

/** Opens a connection of this process, and waits until the device's details have it. */
async function showsNewConnection(
  demo: Demo,
  token: string,
  deviceId: string,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const { port } = listener.addr;
  using opened = await Deno.connect({ hostname: "127.0.0.1", port });
  using _accepted = await accepting;
  const url = `${demo.url}/api/dashboard/user/${deviceId}`;
  await eventually("the new connection on the dashboard", async () => {
    const { body } = await call(url, "GET", undefined, token);
    return body.connections.some((
      c: { sourcePort: number; destPort: number; state: string },
    ) =>
      c.sourcePort === opened.localAddr.port && c.destPort === port &&
      c.state === "ESTABLISHED"
    );
  });
}

/** The client was built: the login page's files are there. */
async function servesItsPages(url: string): Promise<void> {
  const page = await (await fetch(`${url}/login`)).text();
  const [, style] = /<link[^>]+href="(\/assets\/[^"]+\.css)"/.exec(page) ?? [];
  assert.ok(style, page);
  const answer = await fetch(url + style);
  assert.equal(answer.headers.get("content-type"), "text/css; charset=utf-8");
  await answer.body?.cancel();
}

/** Checks that the demo ends well and that nothing of it is left. */
async function endsWith(
  { groupId, ended }: Demo,
  port: number,
  signal: () => void,
): Promise<void> {
  signal();
  assert.equal((await ended).code, 0);
  await eventually("its last process to end", () => !isAlive(groupId));
  Deno.listen({ hostname: "127.0.0.1", port }).close();
}

/** True while the group has a process (kill(2): signal 0 only checks). */
function isAlive(groupId: number): boolean {
  try {
    Deno.kill(-groupId, 0);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
