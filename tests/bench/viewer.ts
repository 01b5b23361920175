/** Somebody who has the dashboard open: one event stream. */
import type { DeviceView } from "@/lib/contract/dashboard.ts";

/** Follows the first page of the list; `onDevices` hears the devices of each event as it comes. */
export class Viewer implements AsyncDisposable {
  readonly #reading: Promise<void>;
  #reader: ReadableStreamDefaultReader<string> | null = null;
  #isLeaving = false;
  /** Resolves once the list has come. */
  readonly ready: Promise<void>;
  onDevices: (devices: DeviceView[]) => void = () => {};
  events = 0;

  constructor(url: string, sessionToken: string) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#reading = this.#read(url, sessionToken, resolve).catch(reject);
  }

  /** An aborted fetch does not reliably end a body that was read for long: the reader is cancelled. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    await this.#reader?.cancel();
    await this.#reading;
  }

  async #read(
    url: string,
    sessionToken: string,
    onList: () => void,
  ): Promise<void> {
    const response = await fetch(`${url}/api/dashboard/events?limit=100`, {
      headers: { authorization: `Bearer ${sessionToken}` },
    });
    if (!response.ok || !response.body) {
      throw new Error(`the event stream answered ${response.status}`);
    }
    const reader = this.#reader = response.body
      .pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const events = (text + value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const name = /^event: (\w+)$/m.exec(event)?.[1];
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (!name || !data) continue;
        this.events++;
        this.onDevices(JSON.parse(data).devices);
        if (name === "list") onList();
      }
    }
    if (!this.#isLeaving) throw new Error("the event stream ended");
  }
}
