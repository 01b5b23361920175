import assert from "node:assert/strict";
import { HELP, parseOptions, UsageError } from "@/scripts/simulate/options.ts";

/** The one line that a bad command line gets. */
function complaint(...args: string[]): string {
  try {
    parseOptions(["--token", "t", ...args], undefined);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  assert.fail(`${args.join(" ")} was taken`);
}

Deno.test("parseOptions: has defaults for all but the token", () => {
  assert.deepEqual(parseOptions(["--token", "abc.def"], undefined), {
    devices: 50,
    intervalSeconds: 10,
    connections: 12,
    server: "http://localhost:3000",
    token: "abc.def",
    seed: 1,
    durationSeconds: null,
  });
});

Deno.test("parseOptions: reads every flag, in both notations", () => {
  const args =
    "--devices=10000 --interval 2.5 --connections 40 --server https://m.example/base/ --token t --seed 7 --duration 60";
  assert.deepEqual(parseOptions(args.split(" "), undefined), {
    devices: 10_000,
    intervalSeconds: 2.5,
    connections: 40,
    server: "https://m.example/base",
    token: "t",
    seed: 7,
    durationSeconds: 60,
  });
});

Deno.test("parseOptions: takes the token from the environment unless a flag names one", () => {
  const token = (args: string[], environmentToken: string) => {
    const options = parseOptions(args, environmentToken);
    return options === "help" ? null : options.token;
  };
  assert.equal(token([], "from-environment"), "from-environment");
  assert.equal(token(["--token", "flag"], "from-environment"), "flag");
});

Deno.test("parseOptions: gives help even where the rest is missing", () => {
  assert.equal(parseOptions(["--help"], undefined), "help");
  assert.equal(parseOptions(["-h"], undefined), "help");
});

Deno.test("HELP: names every flag", () => {
  for (
    const flag of [
      "devices",
      "interval",
      "connections",
      "server",
      "token",
      "seed",
      "duration",
      "help",
    ]
  ) assert.match(HELP, new RegExp(`^  --${flag} `, "m"));
});

Deno.test("parseOptions: says where a token comes from when there is none", () => {
  for (const environmentToken of [undefined, "", "  "]) {
    assert.throws(() => parseOptions([], environmentToken), {
      name: "UsageError",
      message: "no token: pass --token or set MONITOR_AUTH_TOKEN",
    });
  }
});

Deno.test("parseOptions: never repeats a bad token", () => {
  assert.throws(
    () => parseOptions(["--token", "s3cret\nx"], undefined),
    (error: Error) => !error.message.includes("s3cret"),
  );
});

Deno.test("parseOptions: refuses numbers out of bounds, quoting them", () => {
  assert.equal(
    complaint("--devices", "0"),
    '--devices must be a number from 1 to 1000000, not "0"',
  );
  assert.match(complaint("--devices", "many"), /^--devices .* not "many"$/);
  assert.match(complaint("--devices", "1.5"), /^--devices must be a whole/);
  assert.match(complaint("--devices", "1e3"), /^--devices /);
  assert.match(complaint("--interval", "0.9"), /^--interval /);
  assert.match(complaint("--interval", "86401"), /^--interval /);
  assert.match(complaint("--connections", "5001"), /^--connections /);
  assert.match(complaint("--seed=-1"), /^--seed /);
  assert.match(complaint("--seed", "4294967296"), /^--seed /);
  assert.match(complaint("--duration", "0"), /^--duration /);
});

Deno.test("parseOptions: refuses servers that are no http address", () => {
  for (const server of ["localhost", "ftp://x", "", "localhost:3000"]) {
    assert.match(complaint("--server", server), /^--server must be/);
  }
});

Deno.test("parseOptions: refuses unknown flags, strays and missing values", () => {
  assert.match(complaint("--nope"), /--nope.*; see --help$/);
  assert.match(complaint("stray"), /stray.*; see --help$/);
  assert.match(complaint("--devices"), /--devices.*; see --help$/);
});
