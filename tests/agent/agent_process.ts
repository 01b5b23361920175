const ROOT = new URL("../../", import.meta.url);

/** What docs/AGENT.md says an agent needs, on any system. */
export const PERMISSIONS = [
  "--allow-net",
  "--allow-run=ss,cat,netstat,lsof,tasklist,powershell",
  "--allow-sys=hostname",
  "--allow-env=MONITOR_AUTH_TOKEN,MONITOR_DEVICE_NAME,MONITOR_SERVER_URL,MONITOR_REFRESH_INTERVAL",
];

/** Where a test differs from the ordinary. */
export interface Surroundings {
  env?: Record<string, string>;
  permissions?: string[];
}

/** A real agent in a process of its own. */
export class AgentProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Promise<void>;
  readonly #stderr: Promise<void>;
  #waiting: (() => void)[] = [];
  stdout = "";
  stderr = "";

  constructor(args: string[], surroundings: Surroundings = {}) {
    const permissions = surroundings.permissions ?? PERMISSIONS;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-check",
        ...permissions,
        "agent/main.ts",
        ...args,
      ],
      cwd: ROOT,
      clearEnv: true,
      env: { ...inherited(), ...surroundings.env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdout = this.#collect(this.#child.stdout, (text) => {
      this.stdout += text;
    });
    this.#stderr = this.#collect(this.#child.stderr, (text) => {
      this.stderr += text;
    });
  }

  /** Waits until standard output holds this. Fails where the agent ends without it. */
  async printed(text: string): Promise<void> {
    const ended = this.#stdout.then(() => "ended");
    while (!this.stdout.includes(text)) {
      const more = new Promise<void>((wake) => this.#waiting.push(wake));
      if (await Promise.race([more, ended]) === "ended") break;
    }
    if (!this.stdout.includes(text)) {
      throw new Error(
        `the agent ended without printing ${text}: ${this.stdout}${this.stderr}`,
      );
    }
  }

  kill(signal: Deno.Signal) {
    this.#child.kill(signal);
  }

  /** Waits for the end and gives the exit code. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all([this.#stdout, this.#stderr]);
    return code;
  }

  async [Symbol.asyncDispose]() {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.ended();
  }

  async #collect(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    add: (text: string) => void,
  ) {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      add(text);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    }
  }
}

/** What Deno itself needs of the environment: its caches and the system's search path. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "SystemRoot", "LOCALAPPDATA"];
  const env: Record<string, string> = {};
  for (const name of names) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
