/** Reports over a bare TCP connection, as fast as they are answered: fetch would be busier than the server. */
import { connection, report } from "@/tests/support/app.ts";

const HEAD_END = "\r\n\r\n";
const FIRST_SEQUENCE = 100_000_001;
/** Comes back this many times as early as it is told to: agents that obeyed would soon be no overload. */
const IMPATIENCE = 8;

export interface SenderOptions {
  url: string;
  token: string;
  deviceId: string;
  connections: number;
}

export interface Answer {
  status: number;
  retryAfter: string | null;
}

/** One device's reports. Each is sent until it is answered with 200; then comes the next. */
export class Sender {
  readonly deviceId: string;
  answered = 0;
  refused = 0;
  /** The newest sequence that was answered with 200; 0 for none. */
  newestSequence = 0;
  readonly #url: URL;
  readonly #request: Uint8Array;
  readonly #sequenceAt: number;
  #sequence = FIRST_SEQUENCE;

  constructor({ url, token, deviceId, connections }: SenderOptions) {
    this.deviceId = deviceId;
    this.#url = new URL(url);
    const body = JSON.stringify(
      report(deviceId, FIRST_SEQUENCE, scan(connections)),
    );
    const text = [
      "POST /api/monitor/reports HTTP/1.1",
      `Host: ${this.#url.host}`,
      `Authorization: Bearer ${token}`,
      "Content-Type: application/json",
      `Content-Length: ${body.length}${HEAD_END}${body}`,
    ].join("\r\n");
    this.#sequenceAt = text.indexOf(`${FIRST_SEQUENCE}`);
    this.#request = new TextEncoder().encode(text);
  }

  /** Sends until `isOver`, and waits for the last answer. Throws for any answer but 200 and a proper 429. */
  async run(isOver: () => boolean): Promise<void> {
    using line = await Deno.connect({
      hostname: this.#url.hostname,
      port: Number(this.#url.port),
    });
    while (!isOver()) {
      const answer = await this.#send(line);
      this.#count(answer);
      if (answer.status === 429) {
        const ms = Number(answer.retryAfter) * 1_000 / IMPATIENCE;
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    }
  }

  async #send(line: Deno.Conn): Promise<Answer> {
    const digits = new TextEncoder().encode(`${this.#sequence}`);
    this.#request.set(digits, this.#sequenceAt);
    for (let sent = 0; sent < this.#request.length;) {
      sent += await line.write(this.#request.subarray(sent));
    }
    return await readAnswer(line);
  }

  #count({ status, retryAfter }: Answer): void {
    if (status === 200) {
      this.answered++;
      this.newestSequence = this.#sequence++;
    } else if (status === 429 && Number(retryAfter) > 0) {
      this.refused++;
    } else {
      throw new Error(`answered ${status}, Retry-After ${retryAfter}`);
    }
  }
}

/** Reads one answer to its end. */
async function readAnswer(line: Deno.Conn): Promise<Answer> {
  const buffer = new Uint8Array(16_384);
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const count = await line.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    const headEnd = text.indexOf(HEAD_END);
    if (headEnd < 0) continue;
    const head = text.slice(0, headEnd);
    const length = Number(header(head, "content-length") ?? 0);
    if (text.length < headEnd + HEAD_END.length + length) continue;
    return {
      status: Number(head.split(" ")[1]),
      retryAfter: header(head, "retry-after"),
    };
  }
}

function header(head: string, name: string): string | null {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim() ?? null;
}

function scan(count: number) {
  return Array.from({ length: count }, (_, i) =>
    connection({
      sourcePort: 1_024 + i,
      destIp: `10.${i % 200}.${i % 190}.${i % 250}`,
      bytesIn: i * 1_234_567,
      bytesOut: i * 7_654,
    }));
}
