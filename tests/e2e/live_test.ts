/** The dashboard by server-sent events, and by polling where these do not come. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { connection, report } from "@/tests/support/app.ts";
import { type BrowserTest, browserTest } from "@/tests/support/browser.ts";
import {
  call,
  eventually,
  registerAccount,
  type RunningServer,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const EVENTS = "**/api/dashboard/events?*";
const LIST_PATH = "/api/dashboard/users";

/** A dashboard that is open in the browser, and a meter that reports when the test says so. */
class OpenDashboard {
  /** Paths that the page asked for since it was opened. */
  readonly asked: string[] = [];
  readonly page: Page;
  readonly #server: RunningServer;
  readonly #token: string;
  readonly #sequences = new Map<string, number>();

  constructor(page: Page, server: RunningServer, token: string) {
    this.page = page;
    this.#server = server;
    this.#token = token;
    page.on("request", (request) => {
      this.asked.push(new URL(request.url()).pathname);
    });
  }

  /** Registers a meter, and answers its id. */
  async meter(deviceName: string): Promise<string> {
    const { body } = await this.#send("register", { deviceName });
    return body.deviceId;
  }

  async report(deviceId: string, connectionCount: number): Promise<void> {
    const sequence = (this.#sequences.get(deviceId) ?? 0) + 1;
    this.#sequences.set(deviceId, sequence);
    const connections = Array.from(
      { length: connectionCount },
      (_, n) => connection({ sourcePort: 1_000 + n }),
    );
    const { status } = await this.#send(
      "reports",
      report(deviceId, sequence, connections),
    );
    assert.equal(status, 200);
  }

  async open(search = ""): Promise<void> {
    await this.page.goto(`${this.#server.url}/dashboard${search}`);
    await this.page.locator("[data-hydrated]").waitFor({ state: "attached" });
    this.asked.length = 0;
  }

  /** Waits until the meter's row shows its number of connections. */
  async shows(deviceName: string, connectionCount: number): Promise<void> {
    await this.page.getByRole("row", { name: new RegExp(deviceName) })
      .getByRole("cell", { name: `${connectionCount}`, exact: true }).waitFor();
  }

  async says(mode: "Live" | "Every 5 s", timeout = 30_000): Promise<void> {
    await this.page.getByText(mode, { exact: true }).waitFor({ timeout });
  }

  /** Waits until the server has that many streams open. */
  async hasStreams(count: number): Promise<void> {
    const line = new RegExp(`^monitor_event_streams ${count}$`, "m");
    await eventually(`${count} open streams`, async () => {
      const answer = await fetch(`${this.#server.url}/metrics`);
      return line.test(await answer.text());
    });
  }

  countAsked(path: string): number {
    return this.asked.filter((asked) => asked === path).length;
  }

  /** Waits for two answers to the list's request: then polling goes on by itself. */
  async polls(): Promise<void> {
    const before = this.countAsked(LIST_PATH);
    await eventually(
      "requests for the list",
      () => this.countAsked(LIST_PATH) >= before + 2,
    );
  }

  #send(path: string, body: unknown) {
    const url = `${this.#server.url}/api/monitor/${path}`;
    return call(url, "POST", body, this.#token);
  }
}

async function withDashboard(
  test: BrowserTest,
  use: (dashboard: OpenDashboard) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  await using server = await startServer(folder.path);
  const token = await registerAccount(server.url);
  // Closed before the server ends: a stream that breaks off is an error on the console.
  await using page = await test.newPage();
  await page.context().addCookies([
    { name: "session", value: token, url: server.url },
  ]);
  await use(new OpenDashboard(page, server, token));
}

browserTest(
  "live: reports and new devices show without any request for the list",
  (test) =>
    withDashboard(test, async (dashboard) => {
      const first = await dashboard.meter("meter-first");
      await dashboard.open();
      await dashboard.says("Live");
      for (const count of [3, 7, 12]) {
        await dashboard.report(first, count);
        await dashboard.shows("meter-first", count);
      }
      const second = await dashboard.meter("meter-second");
      await dashboard.report(second, 5);
      await dashboard.shows("meter-second", 5);
      await dashboard.says("Live");
      assert.equal(dashboard.countAsked(LIST_PATH), 0);
    }),
);

browserTest(
  "live: another choice is followed by a stream of its own",
  (test) =>
    withDashboard(test, async (dashboard) => {
      const { page } = dashboard;
      const meter = await dashboard.meter("meter-1");
      await dashboard.meter("gateway-1");
      await dashboard.open();
      await dashboard.says("Live");
      await page.getByLabel("Search by name or address").fill("meter");
      await page.getByRole("row", { name: /gateway-1/ })
        .waitFor({ state: "hidden" });
      await dashboard.report(meter, 4);
      await dashboard.shows("meter-1", 4);
      await dashboard.says("Live");
      assert.equal(dashboard.countAsked(LIST_PATH), 0);
    }),
);

browserTest(
  "live: a hidden page holds no stream, and catches up when it is seen",
  (test) =>
    withDashboard(test, async (dashboard) => {
      const { page } = dashboard;
      const meter = await dashboard.meter("meter-1");
      await dashboard.open();
      await dashboard.says("Live");
      await dashboard.hasStreams(1);
      await setHidden(page, true);
      await dashboard.hasStreams(0);
      await dashboard.report(meter, 4);
      await setHidden(page, false);
      await dashboard.shows("meter-1", 4);
      await dashboard.hasStreams(1);
      assert.equal(dashboard.countAsked(LIST_PATH), 0);
    }),
);

/** Hides the page as far as its scripts can tell: a headless browser has no other tab to go to. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

browserTest(
  "live: where the stream is blocked, the dashboard polls and says so, until it is let through",
  (test) =>
    withDashboard(test, async (dashboard) => {
      const { page } = dashboard;
      const meter = await dashboard.meter("meter-1");
      await page.route(EVENTS, (route) => route.abort());
      await dashboard.open();
      await dashboard.says("Every 5 s");
      await dashboard.report(meter, 6);
      await dashboard.shows("meter-1", 6);
      await dashboard.polls();

      await page.unroute(EVENTS);
      // The next attempt may be half a minute away.
      await dashboard.says("Live", 60_000);
      const polled = dashboard.countAsked(LIST_PATH);
      await dashboard.report(meter, 8);
      await dashboard.shows("meter-1", 8);
      assert.equal(dashboard.countAsked(LIST_PATH), polled);
    }),
  [/net::ERR_FAILED/],
);
