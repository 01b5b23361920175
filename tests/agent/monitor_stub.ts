import {
  registerDeviceRequest,
  type Report,
  reportRequest,
} from "@/lib/contract/monitor.ts";

/** A stubbed answer to one call; undefined for the ordinary one. */
type Answer = (
  call: "register" | "reports",
  count: number,
) => Response | Promise<Response> | undefined;

/** A server of the two calls that an agent makes, which holds every request against the contract. */
export class MonitorStub implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #answer: Answer;
  readonly url: string;
  /** The device names registered, the reports, and the Authorization headers. */
  readonly registrations: string[] = [];
  readonly reports: Report[] = [];
  readonly tokens = new Set<string | null>();
  #waiting: (() => void)[] = [];

  constructor(answer: Answer = () => undefined, port = 0) {
    this.#answer = answer;
    this.#server = Deno.serve({
      port,
      hostname: "127.0.0.1",
      onListen: () => {},
    }, (request) => this.#handle(request));
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Waits until this many reports have come. */
  async reported(count: number): Promise<void> {
    while (this.reports.length < count) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const body = await request.json();
    this.tokens.add(request.headers.get("authorization"));
    const call = new URL(request.url).pathname === "/api/monitor/register"
      ? "register"
      : "reports";
    if (call === "register") {
      const { deviceName } = registerDeviceRequest.parse(body);
      this.registrations.push(deviceName);
    } else this.reports.push(reportRequest.parse(body));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    return await this.#answer(call, this[PLURALS[call]].length) ??
      this.#ordinary(call);
  }

  #ordinary(call: "register" | "reports"): Response {
    if (call === "reports") {
      const { connections, sequence } = this.reports.at(-1) as Report;
      const accepted = connections.length;
      return Response.json({ accepted, sequence, outcome: "stored" });
    }
    return Response.json({
      deviceId: `device-${this.registrations.length}`,
      deviceName: this.registrations.at(-1),
      created: true,
    });
  }
}

const PLURALS = { register: "registrations", reports: "reports" } as const;

/** A refusal as the server writes it. */
export function problem(status: number, code: string, detail: string) {
  return new Response(
    JSON.stringify({ type: "about:blank", title: code, status, code, detail }),
    { status, headers: { "content-type": "application/problem+json" } },
  );
}
