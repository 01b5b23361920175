import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AgentConfig,
  type Environment,
  parseInvocation,
} from "@/agent/config.ts";
import { deviceName } from "@/lib/contract/fields.ts";

const hostName = () => "meter-0042";

function parse(args: string[], environment: Environment = {}) {
  return parseInvocation(args, environment, hostName);
}

function configOf(args: string[], environment: Environment = {}): AgentConfig {
  const invocation = parse(args, environment);
  return "config" in invocation ? invocation.config : assert.fail();
}

function refused(args: string[], message: RegExp, environment?: Environment) {
  assert.throws(
    () => parse(args, environment),
    { name: "AgentError", code: "usage", message },
    args.join(" "),
  );
}

Deno.test("parseInvocation: needs no more than a token", () => {
  assert.deepEqual(parse(["--token", "abc.def"]), {
    mode: "loop",
    config: {
      token: "abc.def",
      deviceName: "meter-0042",
      serverUrl: "http://localhost:3000",
      intervalSeconds: 10,
    },
  });
});

const ENVIRONMENT: Environment = {
  MONITOR_AUTH_TOKEN: "from-environment",
  MONITOR_DEVICE_NAME: "gateway",
  MONITOR_SERVER_URL: "https://monitor.example",
  MONITOR_REFRESH_INTERVAL: "60",
};

Deno.test("parseInvocation: takes the environment, over which flags win", () => {
  assert.deepEqual(configOf([], ENVIRONMENT), {
    token: "from-environment",
    deviceName: "gateway",
    serverUrl: "https://monitor.example",
    intervalSeconds: 60,
  });
  assert.deepEqual(
    configOf([
      "--token=flag",
      "--device=meter 7",
      "--server=http://[2001:db8::1]:3000/monitor/",
      "--interval=2.5",
    ], ENVIRONMENT),
    {
      token: "flag",
      deviceName: "meter 7",
      serverUrl: "http://[2001:db8::1]:3000/monitor",
      intervalSeconds: 2.5,
    },
  );
});

Deno.test("parseInvocation: a variable that is empty counts as not set", () => {
  const config = configOf(["--token=x"], {
    MONITOR_DEVICE_NAME: "",
    MONITOR_SERVER_URL: "",
    MONITOR_REFRESH_INTERVAL: "",
  });
  assert.equal(config.deviceName, "meter-0042");
  assert.equal(config.intervalSeconds, 10);
});

Deno.test("parseInvocation: asks for the host name only where no name is given", () => {
  const denied = () => assert.fail("not permitted");
  parseInvocation(["--token=x", "--device=y"], {}, denied);
  parseInvocation(["--help"], {}, denied);
});

Deno.test("parseInvocation: --help and --version win over everything, also over a missing token", () => {
  assert.deepEqual(parse(["--version"]), { mode: "version" });
  assert.deepEqual(parse(["-h"]), { mode: "help" });
  assert.deepEqual(parse(["--version", "--help"]), { mode: "help" });
});

Deno.test("parseInvocation: knows --once, and --dry-run, which needs no token", () => {
  assert.equal(parse(["--once", "--token=x"]).mode, "once");
  assert.equal(parse(["--dry-run"]).mode, "dry-run");
  assert.equal(configOf(["--dry-run"]).token, "");
  refused(["--once"], /^no token: pass --token/);
  refused(["--once", "--dry-run", "--token=x"], /exclude each other/);
});

Deno.test("parseInvocation: refuses a missing, empty or impossible token, without quoting it", () => {
  refused([], /^no token/);
  refused(["--token="], /^no token/);
  refused(["--token", "  "], /^no token/);
  refused(["--token", "two words"], /^--token is no token: it may hold only/);
  refused(
    [],
    /^MONITOR_AUTH_TOKEN is no token(?!.*sécret)/,
    { MONITOR_AUTH_TOKEN: "sécret" },
  );
  assert.equal(configOf(["--token", " abc\n"]).token, "abc");
});

Deno.test("parseInvocation: refuses intervals out of bounds or no numbers", () => {
  const why = /^--interval must be a number of seconds from 1 to 86400, not "/;
  for (
    const text of [
      "0",
      "0.9",
      "-5",
      "86401",
      "ten",
      "",
      "1e3",
      "Infinity",
      "5s",
    ]
  ) refused(["--token=x", "--interval", text], why);
  for (const seconds of [1, 86_400]) {
    const config = configOf(["--token=x", `--interval=${seconds}`]);
    assert.equal(config.intervalSeconds, seconds);
  }
  refused(["--token=x"], /^MONITOR_REFRESH_INTERVAL must be a number/, {
    MONITOR_REFRESH_INTERVAL: "soon",
  });
});

Deno.test("parseInvocation: refuses servers that are no plain http or https address", () => {
  const why = /^--server must be an http or https address/;
  for (
    const url of ["localhost:3000", "ftp://a.example", "monitor", "", "http://"]
  ) refused(["--token=x", "--server", url], why);
  const secret = /^--server must not hold a user name or password$/;
  refused(["--token=x", "--server=https://u:p@a.example"], secret);
  const query = /^--server must not hold a query or fragment$/;
  refused(["--token=x", "--server=https://a.example/?a=b"], query);
  refused(["--token=x", "--server=https://a.example/#top"], query);
});

Deno.test("parseInvocation: refuses empty, long and disguised device names", () => {
  refused(["--token=x", "--device="], /^--device must not be empty$/);
  refused(["--token=x", "--device= "], /^--device must not be empty$/);
  refused(
    ["--token=x", "--device", "a".repeat(129)],
    /^--device must have at most 128 characters, not 129$/,
  );
  refused(
    ["--token=x", "--device", "a\u202eb"],
    /^--device must not contain control characters$/,
  );
});

Deno.test("parseInvocation: takes the device names that the contract takes, in its form", () => {
  const name = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 140 }),
    fc.string({ unit: "binary", maxLength: 140 }),
    fc.string({
      unit: fc.constantFrom(..."aé\u0301\u200e\u202e\n\u0085 "),
      maxLength: 6,
    }),
  );
  fc.assert(
    fc.property(name, (text) => {
      const contract = deviceName.safeParse(text);
      let ours: string | null = null;
      try {
        ours = configOf(["--token=x", `--device=${text}`]).deviceName;
      } catch {
        // Refused: so must the contract.
      }
      assert.equal(ours, contract.success ? contract.data : null);
    }),
    { numRuns: 1000 },
  );
});
