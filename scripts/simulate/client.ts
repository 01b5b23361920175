import type {
  RegisterDeviceRequest,
  RegisterDeviceResponse,
} from "@/lib/contract/monitor.ts";

/** An answer that is no success. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** When the server asks to be tried again; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(status: number, message: string, retryAfterMs: number | null) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What the client needs of the world. */
export interface Network {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since 1970, with fractions. */
  now(): number;
  /** Waits; ends at once, without an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** How long an answer may take: a server that hangs must not hold every request in flight. */
const TIMEOUT_MS = 30_000;

/** The part of the API that meters use. */
export class MonitorClient {
  readonly #server: string;
  readonly #headers: Record<string, string>;
  readonly #network: Network;
  readonly #onAnswer: (afterMs: number) => void;

  /** @param onAnswer called with the time that each answer took */
  constructor(
    { server, token }: { server: string; token: string },
    network: Network,
    onAnswer: (afterMs: number) => void,
  ) {
    this.#server = server;
    this.#headers = {
      "authorization": `Bearer ${token}`,
      "content-type": "application/json",
    };
    this.#network = network;
    this.#onAnswer = onAnswer;
  }

  /**
   * Registers a device and gives its id.
   *
   * @throws Refusal, or what fetch throws
   */
  async register(request: RegisterDeviceRequest): Promise<string> {
    const body = JSON.stringify(request);
    const answer = await this.#post("/api/monitor/register", body);
    const { deviceId } = JSON.parse(answer) as RegisterDeviceResponse;
    return deviceId;
  }

  /**
   * Sends a report, written as JSON by the caller.
   *
   * @throws Refusal, or what fetch throws
   */
  async report(body: string): Promise<void> {
    await this.#post("/api/monitor/reports", body);
  }

  async #post(path: string, body: string): Promise<string> {
    const { fetch, now, sleep } = this.#network;
    const timeout = new AbortController();
    const answered = new AbortController();
    void sleep(TIMEOUT_MS, answered.signal).then(() => {
      if (!answered.signal.aborted) timeout.abort();
    });
    const sentAt = now();
    try {
      const response = await fetch(this.#server + path, {
        method: "POST",
        headers: this.#headers,
        body,
        signal: timeout.signal,
      });
      // Reading the body to its end lets the connection be used again.
      const text = await response.text();
      this.#onAnswer(now() - sentAt);
      if (response.ok) return text;
      throw new Refusal(
        response.status,
        `${response.status} ${problemCode(text)}`.trim(),
        retryAfterMs(response.headers.get("retry-after"), now()),
      );
    } finally {
      answered.abort();
    }
  }
}

/** Reads Retry-After: seconds or a date (RFC 9110 section 10.2.3); null for anything else. */
export function retryAfterMs(
  header: string | null,
  nowMs: number,
): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function problemCode(body: string): string {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === "string" ? code : "";
  } catch {
    return ""; // not ours: a proxy's page, say
  }
}
