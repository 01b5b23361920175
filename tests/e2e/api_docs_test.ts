/** The walkthrough of docs/API_DOCS.md, typed as it stands there, against a real server. */
import assert from "node:assert/strict";
import { startServer, temporaryFolder } from "@/tests/support/processes.ts";

/** A block of commands, and what the document says the server answers to it. */
interface Step {
  commands: string;
  claim: { status: number; body: unknown } | null;
}

interface Outcome {
  stdout: string;
  /** One a request. */
  statuses: number[];
}

// ASCII's record separator stands between the outputs of two blocks.
const SEPARATOR = "\x1e";
// curl's own settings file: the commands stay what a reader types, and their status becomes known.
const CURL_SETTINGS = 'noproxy = "*"\nwrite-out = "%{stderr}%{http_code}\\n"\n';

const CALLS = [
  ["register", /api\/auth\/register/],
  ["log in", /api\/auth\/login/],
  ["register a device", /api\/monitor\/register/],
  ["add a connection", /api\/monitor\/connections/],
  ["report", /api\/monitor\/reports/],
  ["list devices", /api\/dashboard\/users/],
  ["show a device", /curl -sS "\S+api\/dashboard\/user\/\$DEVICE_ID"/],
  ["rename a device", /-X PATCH "\S+api\/dashboard\/user\/\$DEVICE_ID"/],
  ["delete a device", /-X DELETE "\S+api\/dashboard\/user\/\$DEVICE_ID"/],
] as const;

const hasCurl = await runs("curl", "--version") && await runs("sh", "-c", ":");

Deno.test({
  name: "docs/API_DOCS.md: its curl commands get the answers that it shows" +
    (hasCurl ? "" : " (skipped, there is no curl)"),
  ignore: !hasCurl && Deno.env.get("CI") !== "true",
  async fn() {
    const steps = stepsOf(await Deno.readTextFile("docs/API_DOCS.md"));
    const script = steps.map(({ commands }) => commands).join("\n");
    assert.ok(script.startsWith("SERVER=${SERVER:-http://localhost:3000}\n"));
    for (const [what, command] of CALLS) assert.match(script, command, what);

    using folder = temporaryFolder();
    await using server = await startServer(folder.path);
    const outcomes = await runAll(steps, server.url, folder.path);
    for (const [i, { commands, claim }] of steps.entries()) {
      const outcome = outcomes[i];
      const statuses = claim ? [claim.status] : [];
      assert.deepEqual(outcome?.statuses, statuses, commands);
      if (!claim) continue;
      const body = outcome?.stdout ? JSON.parse(outcome.stdout) : null;
      assert.deepEqual(masked(body), masked(claim.body), commands);
    }
  },
});

Deno.test("masked: hides what differs from run to run and nothing else", () => {
  const answer = (id: string, token: string, lastSeen: string) => ({
    devices: [{ id, lastSeen, os: "linux", bytesIn: null, count: 1 }],
    token,
  });
  const id = "b1d2c7f4-6a0e-4a57-8a2b-5d1f0c9e7a42";
  const one = answer(id, "eyJh.a.b", "2026-01-31T12:00:00.000Z");
  const other = answer(
    crypto.randomUUID(),
    "eyJh...",
    "2027-02-01T00:00:01.001Z",
  );
  assert.deepEqual(masked(one), masked(other));
  assert.notDeepEqual(masked(one), masked({ ...other, token: null }));
  assert.notDeepEqual(masked(one), masked({ ...other, devices: [] }));
  assert.equal(masked("linux"), "linux");
});

/** The document's `sh` blocks, each with the answer that is claimed before the next of them. */
function stepsOf(document: string): Step[] {
  const blocks = document.split(/^```sh\n/m).slice(1);
  return blocks.map((block) => {
    const end = block.search(/^```$/m);
    const [commands, rest] = [block.slice(0, end), block.slice(end)];
    const status = /^Answer, status (\d+)/m.exec(rest)?.[1];
    if (status === undefined) return { commands, claim: null };
    const body = /^Answer, status \d+:\n\n```json\n(.*?)^```$/ms.exec(rest)
      ?.[1];
    return {
      commands,
      claim: { status: Number(status), body: body ? JSON.parse(body) : null },
    };
  });
}

/** Runs every block in one shell, which ends at the first command that fails. */
async function runAll(
  steps: readonly Step[],
  server: string,
  folder: string,
): Promise<Outcome[]> {
  await Deno.writeTextFile(`${folder}/.curlrc`, CURL_SETTINGS);
  const separate = "printf '\\036'; printf '\\036' >&2\n";
  const script = steps.map(({ commands }) => separate + commands).join("");
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-eu", "-c", script],
    env: { SERVER: server, CURL_HOME: folder },
    stdin: "null",
  }).output();
  const [outputs, errors] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes).split(SEPARATOR).slice(1)
  );
  assert.equal(code, 0, errors?.join("\n"));
  return (outputs ?? []).map((output, i) => ({
    stdout: output.trim(),
    statuses: (errors?.[i] ?? "").trim().split("\n")
      .filter((line) => line !== "").map(Number),
  }));
}

/** The value with ids, tokens and times, which differ from run to run, replaced by what they are. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, masked(each)]),
    );
  }
  if (typeof value !== "string") return value;
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value)) return "<id>";
  if (/^eyJ[\w.-]+$/.test(value)) return "<token>";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return "<time>";
  return value;
}

async function runs(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
