/** A browser without a screen: the test moves its clock, hides its page and answers its requests. */
import type { Browser } from "@/islands/dashboard/browser.ts";
import type { Timers, Visibility } from "@/islands/dashboard/feed.ts";
import type {
  OpenStream,
  StreamListener,
} from "@/islands/dashboard/live_feed.ts";
import { NOW_MS } from "@/tests/components/views.ts";

/** Timers that fire only when the test lets time pass. */
export class FakeTimers implements Timers {
  #nowMs = NOW_MS;
  #pending: { dueMs: number; action: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { dueMs: this.#nowMs + ms, action };
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  }

  /** Lets time pass; what is due fires in its order, and what follows from it is settled. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#pending.filter(({ dueMs }) => dueMs <= untilMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!next) break;
      this.#pending = this.#pending.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.action();
    }
    this.#nowMs = untilMs;
  }
}

/** Resolves after all promises that need nothing but each other, bodies of responses included. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A page that the test shows and hides. */
export class FakeVisibility implements Visibility {
  #isHidden = false;
  #listeners = new Set<() => void>();

  hidden(): boolean {
    return this.#isHidden;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#listeners.forEach((listener) => listener());
  }
}

/** An address bar with its history. */
export class FakeHistory {
  entries: { href: string; state: unknown }[];
  position = 0;
  #listeners = new Set<() => void>();

  constructor(href: string, state: unknown = null) {
    this.entries = [{ href, state }];
  }

  href(): string {
    return this.entries[this.position]?.href ?? "";
  }

  search(): string {
    return new URL(this.href(), "http://localhost").search;
  }

  state(): unknown {
    return this.entries[this.position]?.state;
  }

  push(href: string, state: unknown): void {
    this.entries = [...this.entries.slice(0, this.position + 1), {
      href,
      state,
    }];
    this.position++;
  }

  replace(href: string, state: unknown): void {
    this.entries[this.position] = { href, state };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A step back or forth, as the browser's buttons make it. */
  step(by: number): void {
    this.position += by;
    this.#listeners.forEach((listener) => listener());
  }
}

/** A stream of events that the test plays the server of. It is silent until the test says something. */
export interface FakeStream extends StreamListener {
  href: string;
  closed: boolean;
}

/** Keeps the streams that were opened, the latest one last. */
export class FakeStreams {
  opened: FakeStream[] = [];

  open: OpenStream = (href, listener) => {
    const stream: FakeStream = { href, closed: false, ...listener };
    this.opened.push(stream);
    return () => stream.closed = true;
  };

  /** The stream opened last, which is to be the only open one. */
  get latest(): FakeStream {
    const stream = this.opened.at(-1);
    if (!stream) throw new Error("no stream was opened");
    return stream;
  }

  get openCount(): number {
    return this.opened.filter(({ closed }) => !closed).length;
  }
}

export type Answer = (
  request: { method: string; url: URL; body: unknown },
) => Response | Promise<Response>;

export class FakeBrowser implements Browser {
  timers = new FakeTimers();
  visibility = new FakeVisibility();
  streams = new FakeStreams();
  openStream: OpenStream = this.streams.open;
  history: FakeHistory;
  stored = new Map<string, string>();
  /** Where the page was left for. */
  leftFor: string | null = null;
  /** What was asked so far: `GET /api/...`. */
  requests: string[] = [];
  answer: Answer;

  constructor(answer: Answer, href = "/dashboard") {
    this.answer = answer;
    this.history = new FakeHistory(href);
  }

  storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
    removeItem: (key: string) => void this.stored.delete(key),
  };

  fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input), "http://localhost");
    const method = init?.method ?? "GET";
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    const body = init?.body ? JSON.parse(String(init.body)) : null;
    return await this.answer({ method, url, body });
  };

  timeZone(): string {
    return "Europe/Berlin";
  }

  receivedAtMs(): number {
    return NOW_MS;
  }

  goTo(href: string): void {
    this.leftFor = href;
  }
}

/** A problem+json answer. */
export function problem(
  status: number,
  detail: string,
  errors?: { path: string; message: string }[],
): Response {
  return Response.json({ status, detail, errors }, { status });
}
