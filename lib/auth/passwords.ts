import { DomainError } from "@/lib/domain/errors.ts";

/** To the worker: hash the password where `hash` is null, else compare the two. */
export interface PasswordJob {
  id: number;
  password: string;
  hash: string | null;
}

export interface PasswordResult {
  id: number;
  hash: string | null;
  matches: boolean;
}

/** Passwords waiting for the worker: ten seconds' worth. More are refused. */
const MAX_WAITING = 100;
const RETRY_AFTER_SECONDS = 5;

interface Waiting {
  resolve: (result: PasswordResult) => void;
  reject: (error: unknown) => void;
}

/** bcrypt in a worker of its own, started on first use. Close it when done. */
export class Passwords {
  #worker: Worker | null = null;
  #closed = false;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** The bcrypt hash of a password. Throws `overloaded` where too many wait. */
  async hash(password: string): Promise<string> {
    const { hash } = await this.#run(password, null);
    if (hash === null) throw new Error("the password worker made no hash");
    return hash;
  }

  /** True where the password is the one that was hashed. Throws `overloaded` where too many wait. */
  async matches(password: string, hash: string): Promise<boolean> {
    return (await this.#run(password, hash)).matches;
  }

  /** Ends the worker and rejects what waits for it. A worker would keep the process alive, so none starts after it. */
  close(): void {
    this.#closed = true;
    this.#fail(closedError());
  }

  #run(password: string, hash: string | null): Promise<PasswordResult> {
    if (this.#closed) throw closedError();
    if (this.#waiting.size >= MAX_WAITING) {
      throw new DomainError("overloaded", "too many people are logging in", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<
      PasswordResult
    >();
    this.#waiting.set(id, { resolve, reject });
    const job: PasswordJob = { id, password, hash };
    (this.#worker ??= this.#start()).postMessage(job);
    return promise;
  }

  #start(): Worker {
    const url = import.meta.resolve("./password_worker.ts");
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data: result }: MessageEvent<PasswordResult>) => {
      this.#waiting.get(result.id)?.resolve(result);
      this.#waiting.delete(result.id);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(`the password worker failed: ${event.message}`));
    };
    return worker;
  }

  #fail(error: Error): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function closedError(): Error {
  return new Error("the password worker was closed");
}
