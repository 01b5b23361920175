/** What the client weighs, and that it holds still while it refreshes. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { connection, report } from "@/tests/support/app.ts";
import { browserTest } from "@/tests/support/browser.ts";
import {
  call,
  eventually,
  registerAccount,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const MAX_SCRIPT_BYTES = 45 * 1024;
const ASSETS = "dist/client/assets";
const REFRESHES = 2;

Deno.test("client: its scripts take at most 45 KB gzipped in all", async () => {
  let bytes = 0;
  for await (const { name } of Deno.readDir(ASSETS)) {
    if (!name.endsWith(".js")) continue;
    bytes += gzipSync(await Deno.readFile(`${ASSETS}/${name}`)).length;
  }
  assert.ok(bytes > 0, "the client is built");
  assert.ok(bytes <= MAX_SCRIPT_BYTES, `${bytes} bytes`);
});

for (const width of [1440, 360]) {
  browserTest(
    `dashboard: nothing moves while data refreshes at ${width} px`,
    async (test) => {
      using folder = temporaryFolder();
      await using server = await startServer(folder.path);
      const token = await registerAccount(server.url);
      const send = (path: string, body: unknown) =>
        call(`${server.url}/api/monitor/${path}`, "POST", body, token);
      const ids: string[] = [];
      for (let i = 0; i < 30; i++) {
        const { body } = await send("register", { deviceName: `meter-${i}` });
        ids.push(body.deviceId);
      }
      let sequence = 0;
      // Numbers of other widths with every report, addresses that come and go.
      const reportAll = async () => {
        sequence++;
        for (const [i, id] of ids.entries()) {
          const connections = Array.from(
            { length: (i * 37 * sequence) % 120 },
            (_, n) => connection({ sourcePort: n, destIp: `10.1.${i}.${n}` }),
          );
          await send("reports", report(id, sequence, connections));
        }
      };
      await reportAll();
      await using page = await test.newPage({
        viewport: { width, height: 900 },
      });
      await page.context().addCookies([
        { name: "session", value: token, url: server.url },
      ]);
      await page.goto(`${server.url}/dashboard`);
      await page.locator("[data-hydrated]").waitFor({ state: "attached" });
      await page.evaluate(() => {
        const shifted: string[] = [];
        Reflect.set(globalThis, "shifted", shifted);
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            for (const source of Reflect.get(entry, "sources")) {
              const { previousRect: a, currentRect: b, node } = source;
              // A number that gets longer grows from the edge that it is aligned to.
              const grows = a.y === b.y && (a.x === b.x || a.right === b.right);
              if (!grows) shifted.push(node?.parentElement?.outerHTML ?? "?");
            }
          }
        }).observe({ type: "layout-shift" });
      });
      for (let i = 0; i < REFRESHES; i++) {
        await reportAll();
        const { body } = await call(
          `${server.url}/api/dashboard/users?limit=1&sort=connectionCount&order=desc`,
          "GET",
          undefined,
          token,
        );
        const total = body.stats.connections.toLocaleString("en");
        await eventually(
          `the new total ${total} on the page`,
          async () => await page.getByText(total, { exact: true }).count() > 0,
        );
      }
      assert.deepEqual(
        await page.evaluate(() => Reflect.get(globalThis, "shifted")),
        [],
      );
    },
  );
}
