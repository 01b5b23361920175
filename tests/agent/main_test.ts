import assert from "node:assert/strict";
import { VERSION } from "@/lib/domain/version.ts";
import {
  AgentProcess,
  type Surroundings,
} from "@/tests/agent/agent_process.ts";
import { MonitorStub, problem } from "@/tests/agent/monitor_stub.ts";

const TOKEN = "secret.agent.token";

/** Runs an agent to its end. */
async function run(args: string[], surroundings?: Surroundings) {
  await using agent = new AgentProcess(args, surroundings);
  const code = await agent.ended();
  return { code, stdout: agent.stdout, stderr: agent.stderr };
}

/** A port of this machine that nobody listens on. */
function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

Deno.test("main: --help and --version print and exit 0", async () => {
  const help = await run(["--help"]);
  assert.equal(help.code, 0);
  assert.match(
    help.stdout,
    /^monitor-agent: .*\n\nUsage: monitor-agent --token/,
  );
  const version = await run(["--version"]);
  assert.deepEqual(version, {
    code: 0,
    stdout: `${VERSION}\n`,
    stderr: "",
  });
});

Deno.test("main: bad flags and values exit 2 with one line that says what and why", async () => {
  const cases: [string[], RegExp][] = [
    [["--tokn=x"], /unknown flag --tokn/],
    [[], /no token: pass --token/],
    [["--token=x", "--interval=0"], /--interval must be .* from 1 to 86400/],
    [["--token=x", "--server=ftp://a"], /--server must be an http or https/],
    [["--token=x", "--device="], /--device must not be empty/],
  ];
  await Promise.all(cases.map(async ([args, why]) => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^monitor-agent: [^\n]+; see --help\n$/);
    assert.match(stderr, why);
  }));
});

Deno.test("main: --once reports this machine's real connections and exits 0", async () => {
  await using server = new MonitorStub();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const [client, accepted] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  try {
    const { code, stdout, stderr } = await run(["--once"], {
      env: {
        MONITOR_AUTH_TOKEN: TOKEN,
        MONITOR_SERVER_URL: `${server.url}/`,
        MONITOR_DEVICE_NAME: "meter-0042",
        MONITOR_REFRESH_INTERVAL: "60",
      },
    });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^Scanning connections\.\.\.\nRegistered as .*\nReported \d+ connections to http.*\n$/,
    );
    assert.deepEqual(server.registrations, ["meter-0042"]);
    assert.deepEqual([...server.tokens], [`Bearer ${TOKEN}`]);
    const [report = assert.fail()] = server.reports;
    assert.equal(report.deviceId, "device-1");
    assert.equal(report.sequence, 1);
    assert.equal(report.intervalSeconds, 60);
    const own = report.connections.find((c) =>
      c.destPort === port && c.state === "ESTABLISHED"
    );
    assert.equal(own?.sourcePort, (client.localAddr as Deno.NetAddr).port);
  } finally {
    for (const open of [client, accepted, listener]) open.close();
  }
});

Deno.test("main: --dry-run prints the report as JSON and sends nothing, without a token", async () => {
  await using server = new MonitorStub();
  const { code, stdout, stderr } = await run([
    "--dry-run",
    "--device=meter-0042",
    `--server=${server.url}`,
  ]);
  assert.equal(code, 0);
  const report = JSON.parse(stdout);
  assert.equal(report.deviceName, "meter-0042");
  assert.equal(report.deviceId, null);
  assert.ok(Array.isArray(report.connections));
  assert.match(stderr, /^Scanning connections\.\.\.\n/);
  assert.equal(server.registrations.length + server.reports.length, 0);
});

Deno.test("main: a refused token exits 3 with advice, and never shows the token", async () => {
  for (const status of [401, 403]) {
    await using server = new MonitorStub(() =>
      problem(status, "unauthenticated", "the token has expired")
    );
    const { code, stdout, stderr } = await run([
      `--token=${TOKEN}`,
      `--server=${server.url}`,
    ]);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^monitor-agent: .* refused the token .*: the token has expired; get a new token from the dashboard.*\n$/,
    );
    assert.ok(!(stdout + stderr).includes(TOKEN));
  }
});

Deno.test("main: --once exits 1 where the server is out of reach", async () => {
  const url = `http://127.0.0.1:${closedPort()}`;
  const { code, stderr } = await run([
    "--once",
    `--token=${TOKEN}`,
    `--server=${url}`,
  ]);
  assert.equal(code, 1);
  assert.ok(stderr.startsWith(`monitor-agent: cannot reach ${url}: `), stderr);
  assert.equal(stderr.split("\n").length, 2, "one line");
});

Deno.test("main: goes on when a server that was away comes, reports on the beat, and ends at SIGTERM with 0", async () => {
  const port = closedPort();
  const url = `http://127.0.0.1:${port}`;
  await using agent = new AgentProcess([
    `--token=${TOKEN}`,
    `--server=${url}`,
    "--interval=1",
  ]);
  await agent.printed("Scanning connections...\n");
  await agent.printed("trying again until it works\n");
  await using server = new MonitorStub(undefined, port);
  await server.reported(2);
  await agent.printed("The server is back after");
  agent.kill("SIGTERM");
  assert.equal(await agent.ended(), 0);
  assert.ok(agent.stdout.endsWith("\nStopped\n"), agent.stdout);
  assert.equal(agent.stderr, "");
  const [first, second] = server.reports;
  assert.equal(first?.session, second?.session);
  assert.ok((first?.sequence ?? 0) < (second?.sequence ?? 0));
});

Deno.test("main: ends at SIGINT with 0 in the middle of a long sleep", async () => {
  await using server = new MonitorStub();
  await using agent = new AgentProcess([
    `--token=${TOKEN}`,
    `--server=${server.url}`,
    "--interval=86400",
  ]);
  await agent.printed("reporting every 86400 s\n");
  agent.kill("SIGINT");
  assert.equal(await agent.ended(), 0);
});

Deno.test("main: ends at SIGTERM with 0 in the middle of a request", async () => {
  const held = Promise.withResolvers<Response>();
  await using server = new MonitorStub((call) =>
    call === "reports" ? held.promise : undefined
  );
  await using agent = new AgentProcess([
    `--token=${TOKEN}`,
    `--server=${server.url}`,
  ]);
  await server.reported(1);
  agent.kill("SIGTERM");
  assert.equal(await agent.ended(), 0);
  held.resolve(new Response());
});

Deno.test("main: registers again when its device was deleted", async () => {
  await using server = new MonitorStub((call, count) =>
    call === "reports" && count === 2
      ? problem(404, "not_found", "there is no such device")
      : undefined
  );
  await using agent = new AgentProcess([
    `--token=${TOKEN}`,
    `--server=${server.url}`,
    "--device=meter-0042",
    "--interval=1",
  ]);
  await server.reported(3);
  assert.deepEqual(server.registrations, ["meter-0042", "meter-0042"]);
  assert.deepEqual(
    server.reports.map((report) => report.deviceId),
    ["device-1", "device-1", "device-2"],
  );
  agent.kill("SIGTERM");
  assert.equal(await agent.ended(), 0);
});

const hasSsInSbin = ["/sbin/ss", "/usr/sbin/ss"].some((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

const hasNoOtherSs = Deno.build.os === "linux" && !hasSsInSbin;

Deno.test({
  name:
    "main: without ss, reads /proc/net, and names programs with all permissions",
  ignore: !hasNoOtherSs,
  async fn() {
    await using server = new MonitorStub();
    const { hostname, port } = new URL(server.url);
    using client = await Deno.connect({ hostname, port: Number(port) });
    const { code, stdout, stderr } = await run(["--dry-run"], {
      env: { PATH: "/nowhere" },
      permissions: ["-A"],
    });
    assert.equal(code, 0);
    assert.match(stderr, /ss is missing, so byte counts are unknown/);
    const { connections } = JSON.parse(stdout);
    const { port: sourcePort } = client.localAddr as Deno.NetAddr;
    const own = connections.find((c: { sourcePort: number }) =>
      c.sourcePort === sourcePort
    );
    assert.equal(own.destPort, Number(port));
    assert.equal(own.processName, "deno");
  },
});

Deno.test({
  name:
    "main: says what is missing where neither ss nor cat nor /proc may be used",
  ignore: !hasNoOtherSs,
  async fn() {
    const { code, stderr } = await run(["--dry-run"], {
      env: { PATH: "/nowhere" },
    });
    assert.equal(code, 1);
    assert.match(stderr, /cannot list connections: ss is missing, and/);
  },
});
