/** Somebody who has the dashboard open: one event stream. */
import type { DeviceView } from "@/lib/contract/dashboard.ts";

/** Follows the first page of the list; `onDevices` hears the devices of each event as it comes. */
export class Viewer implements AsyncDisposable {
  readonly #abort = new AbortController();
  readonly #reading: Promise<void>;
  /** Resolves once the list has come. */
  readonly ready: Promise<void>;
  onDevices: (devices: DeviceView[]) => void = () => {};
  events = 0;

  constructor(url: string, sessionToken: string) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#reading = this.#read(url, sessionToken, resolve).catch(reject);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }

  async #read(
    url: string,
    sessionToken: string,
    onList: () => void,
  ): Promise<void> {
    const response = await fetch(`${url}/api/dashboard/events?limit=100`, {
      headers: { authorization: `Bearer ${sessionToken}` },
      signal: this.#abort.signal,
    });
    if (!response.ok || !response.body) {
      throw new Error(`the event stream answered ${response.status}`);
    }
    let text = "";
    for await (
      const part of response.body.pipeThrough(new TextDecoderStream())
    ) {
      const events = (text + part).split("\n\n");
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
    throw new Error("the event stream ended");
  }
}
