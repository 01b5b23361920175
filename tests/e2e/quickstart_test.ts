/** Commands of docs/QUICKSTART.md, run as they stand there. */
import assert from "node:assert/strict";
import { dirname, resolve } from "node:path";
import {
  startServer,
  startTask,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const QUICKSTART = await Deno.readTextFile("docs/QUICKSTART.md");
const isPosix = Deno.build.os !== "windows";

/** The `sh` block that begins like this. */
function block(start: string): string {
  const blocks = QUICKSTART.matchAll(/^ *```sh\n(.*?)^ *```$/gms)
    .map(([, text = ""]) => text);
  const found = blocks.find((text) => text.startsWith(start));
  assert.ok(found, start);
  return found;
}

async function run(
  script: string,
  cwd: string,
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-eu", "-c", script],
    cwd,
    env,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function hasOpenssl(): Promise<boolean> {
  try {
    return (await run("openssl version", ".")).code === 0;
  } catch {
    return false;
  }
}

Deno.test({
  name:
    "QUICKSTART: the agent runs from its few files alone, without any package",
  ignore: !isPosix,
  async fn() {
    using folder = temporaryFolder();
    const files = /needs ((?:`[^`]+`,?\s+(?:and\s+)?)+)/.exec(QUICKSTART)?.[1];
    const names = files?.match(/[\w.]+(?=\/?`)/g) ?? [];
    assert.deepEqual(names, ["agent", "lib", "deno.json", "deno.lock"]);
    const copied = await run(`cp -R ${names.join(" ")} "$TO"`, ".", {
      TO: folder.path,
    });
    assert.equal(copied.code, 0, copied.stderr);
    const command = block("deno run").trimEnd() + " --dry-run";
    const { code, stdout, stderr } = await run(command, folder.path, {
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
      // Nothing fetched before, and nowhere to fetch from.
      DENO_DIR: `${folder.path}/deno-dir`,
      NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/",
    });
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).deviceName, Deno.hostname());
    const left = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    assert.ok(!left.includes("node_modules"));
  },
});

Deno.test({
  name: "QUICKSTART: with a certificate of one's own, agents trust the server",
  ignore: !isPosix || !await hasOpenssl(),
  async fn() {
    using folder = temporaryFolder();
    const name = "meters.example.org";
    const openssl = block("openssl").replaceAll(name, "localhost");
    const made = await run(openssl, folder.path);
    assert.equal(made.code, 0, made.stderr);
    const certificate = resolve(folder.path, "monitor.pem");
    await using server = await startServer(folder.path, {
      TLS_CERT: certificate,
      TLS_KEY: resolve(folder.path, "monitor.key"),
      PUBLIC_URL: "",
    });
    assert.match(server.url, /^https:\/\/localhost:/);

    const report = async (env: Record<string, string>) => {
      await using agent = startTask("agent", {
        args: ["--server", server.url, "--once"],
        env,
      });
      const { code } = await agent.child.status;
      await agent.stop();
      return { code, said: agent.output() };
    };
    const MONITOR_AUTH_TOKEN = await tokenOverTls(server.url, certificate);
    const stranger = await report({ MONITOR_AUTH_TOKEN });
    assert.equal(stranger.code, 1);
    assert.match(stranger.said, /UnknownIssuer/);
    const friend = await report({ MONITOR_AUTH_TOKEN, DENO_CERT: certificate });
    assert.equal(friend.code, 0, friend.said);
    assert.match(friend.said, /Reported \d+ connections to https:/);
  },
});

/** Makes an account of a server that only this certificate vouches for; answers its token. */
async function tokenOverTls(url: string, certificate: string): Promise<string> {
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(certificate)],
  });
  const password = "a password of the tests";
  const init: RequestInit & { client: Deno.HttpClient } = {
    client,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      username: "alice",
      email: "alice@example.org",
      password,
      confirmPassword: password,
    }),
  };
  const answer = await fetch(`${url}/api/auth/register`, init);
  assert.equal(answer.status, 201);
  return (await answer.json()).token;
}
