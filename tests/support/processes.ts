/** Real processes for end-to-end tests: the server, the agent, and waiting for what they bring about. */

const POLL_MS = 25;
const PATIENCE_MS = 30_000;

/** Waits until `look` answers something other than null, undefined or false; an error counts as not yet. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined,
): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let latest: unknown = null;
  while (performance.now() < giveUpAt) {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
    } catch (error) {
      latest = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`waited in vain for ${what}`, { cause: latest });
}

export interface Running extends AsyncDisposable {
  child: Deno.ChildProcess;
  /** What it has printed so far, on both streams. */
  output(): string;
  /** Asks it to end, and answers its exit code. */
  stop(signal?: Deno.Signal): Promise<number>;
}

/** Starts a deno task's program with its own permissions. */
export function startTask(
  task: string,
  options: { args?: string[]; env?: Record<string, string>; cwd?: string } = {},
): Running {
  const child = new Deno.Command(Deno.execPath(), {
    args: taskArguments(task).concat(options.args ?? []),
    env: options.env ?? {},
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const readers = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      printed += text;
    }
  });
  const stop = async (signal: Deno.Signal = "SIGTERM") => {
    try {
      child.kill(signal);
    } catch {
      // It has ended by itself.
    }
    const { code } = await child.status;
    await Promise.all(readers);
    return code;
  };
  return {
    child,
    output: () => printed,
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
    },
  };
}

/** The command of a task in deno.json, so that tests run under the permissions that users get. */
function taskArguments(task: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const words: string[] = tasks[task].command.split(" ");
  return words.slice(words.indexOf("deno") + 1);
}

export interface RunningServer extends Running {
  url: string;
}

/** Starts the server on a free port, and waits until it serves. */
export async function startServer(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<RunningServer> {
  const running = startTask("start", {
    env: {
      HOST: "127.0.0.1",
      PORT: "0",
      DATA_DIR: dataDir,
      // Not the database that the tester's own environment may name.
      KV_URL: "",
      ...env,
    },
  });
  const serving = eventually(
    "the server to serve",
    () => /serves (https?:\S+)/.exec(running.output())?.[1],
  );
  const ended = running.child.status.then(() => null);
  const url = await Promise.race([serving, ended]);
  if (url === null) {
    serving.catch(() => {});
    await running.stop();
    throw new Error(`the server did not start: ${running.output()}`);
  }
  return { ...running, url };
}

/** A folder that is removed with all that is in it at the end of the test. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "monitor-test-" });
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** Calls the API with a JSON body. */
export async function call(
  url: string,
  method: string,
  body?: unknown,
  token?: string,
  // deno-lint-ignore no-explicit-any -- a test asserts on what it picks out of the answer
): Promise<{ status: number; body: any }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Makes an account over HTTP and answers its session token. */
export async function registerAccount(
  url: string,
  username = "alice",
): Promise<string> {
  const password = "a password of the tests";
  const { status, body } = await call(`${url}/api/auth/register`, "POST", {
    username,
    email: `${username}@example.org`,
    password,
    confirmPassword: password,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.token;
}
