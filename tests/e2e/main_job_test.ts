/** The main job: a real connection of this machine, through the real agent, on the page. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { type BrowserTest, browserTest } from "@/tests/support/browser.ts";
import {
  eventually,
  startServer,
  startTask,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const DEVICE = "meter-of-the-test";

browserTest(
  "main job: register, see the device with a real connection, sort, filter, details, close, offline",
  async (test) => {
    using folder = temporaryFolder();
    await using server = await startServer(folder.path);
    await using page = await test.newPage();
    const agentToken = await register(page, server.url);
    await using agent = startTask("agent", {
      args: ["--device", DEVICE, "--server", server.url, "--interval", "1"],
      env: { MONITOR_AUTH_TOKEN: agentToken },
    });
    // The page turns from the hint to the table by itself.
    const row = page.getByRole("row", { name: new RegExp(DEVICE) });
    await row.waitFor();
    await row.getByText("online", { exact: false }).waitFor();
    assert.match(agent.output(), /Scanning connections\.\.\./);

    using peer = openConnection();
    await details(page, row, peer);
    await sortAndFilter(page);

    assert.equal(await agent.stop("SIGTERM"), 0);
    // Three intervals of a second, 30 seconds at least.
    await row.getByText("offline", { exact: false }).waitFor({
      timeout: 60_000,
    });
  },
);

/** Registers through the form; answers the agent's token from where a reader would copy it. */
async function register(page: Page, url: string): Promise<string> {
  await page.goto(url);
  await page.waitForURL("**/login");
  await page.goto(`${url}/register`);
  await page.getByLabel("Username").fill("alice");
  await page.getByLabel("E-mail").fill("alice@example.org");
  await page.getByLabel("Password", { exact: true }).fill("secret-1");
  await page.getByLabel("Confirm password").fill("secret-1");
  await page.locator("main form button[type=submit]").click();
  await page.waitForURL("**/dashboard");
  return await eventually(
    "the agent's token in localStorage",
    () => page.evaluate(() => localStorage.getItem("token")),
  );
}

interface Peer extends Disposable {
  /** Both ends of a TCP connection over loopback. */
  local: Deno.NetAddr;
  remote: Deno.NetAddr;
  close(): void;
}

/** A real TCP connection of this process. */
function openConnection(): Peer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const remote = listener.addr;
  const accepted = listener.accept();
  const opened = Deno.connect({ hostname: "127.0.0.1", port: remote.port });
  let local: Deno.NetAddr | null = null;
  opened.then((c) => local = c.localAddr);
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    for (const end of [accepted, opened]) end.then((c) => c.close());
    listener.close();
  };
  return {
    get local() {
      if (!local) throw new Error("not connected yet");
      return local;
    },
    remote,
    close,
    [Symbol.dispose]: close,
  };
}

async function details(
  page: Page,
  row: ReturnType<Page["getByRole"]>,
  peer: Peer,
): Promise<void> {
  const opener = row.getByRole("link", { name: /View Details/ })
    .or(row.getByRole("button", { name: /View Details/ }));
  await opener.click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await page.waitForURL(/[?&]device=/);
  await dialog.getByText(DEVICE).first().waitFor();
  // Found by its port: on a busy machine the dialog shows only the first of many connections.
  await dialog.getByLabel("Filter connections").fill(`${peer.remote.port}`);
  const text = `127.0.0.1:${peer.remote.port}`;
  const connection = dialog.getByRole("row")
    .filter({ hasText: text })
    .filter({ hasText: `${peer.local.port}` })
    .filter({ hasText: "ESTABLISHED" });
  await connection.first().waitFor();
  peer.close();
  await eventually(
    "the closed connection to vanish",
    async () => await connection.count() === 0,
  );
  // In a search field that has text, Escape clears the text first.
  await dialog.getByLabel("Filter connections").fill("");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  // The browser tells of the closed dialog, and so the address, a moment later.
  await page.waitForURL((url) => !url.searchParams.has("device"));
}

async function sortAndFilter(page: Page): Promise<void> {
  const header = page.getByRole("columnheader", { name: /Connections/ });
  await header.getByRole("button").click();
  await page.waitForURL(/sort=connectionCount/);
  const sorted = (order: string) =>
    page.locator(`th[aria-sort=${order}]`, { hasText: "Connections" });
  await sorted("ascending").waitFor();
  await header.getByRole("button").press("Enter");
  await page.waitForURL(/order=desc/);
  await sorted("descending").waitFor();

  const search = page.getByLabel("Search by name or address");
  await search.fill("nothing-has-this-name");
  await page.waitForURL(/q=nothing-has-this-name/);
  const row = page.getByRole("row", { name: new RegExp(DEVICE) });
  await row.waitFor({ state: "hidden" });
  await page.reload();
  await page.locator("[data-hydrated]").waitFor({ state: "attached" });
  assert.equal(await search.inputValue(), "nothing-has-this-name");
  await search.fill("127.0.0.1");
  await row.waitFor();
  await search.fill("");
  await page.getByLabel(/Status/).selectOption("offline");
  await row.waitFor({ state: "hidden" });
  await page.getByLabel(/Status/).selectOption("online");
  await row.waitFor();
  await page.getByLabel(/Status/).selectOption("");
}

browserTest(
  "server away: the page says so, keeps its content, and recovers by itself",
  async (test: BrowserTest) => {
    using folder = temporaryFolder();
    const page = await test.newPage();
    let port = "";
    {
      await using server = await startServer(folder.path);
      port = new URL(server.url).port;
      await register(page, server.url);
      await server.stop();
    }
    const notice = page.getByRole("status").filter({ hasText: /reach/i });
    await notice.waitFor();
    await using _again = await startServer(folder.path, { PORT: port });
    await notice.waitFor({ state: "hidden" });
    await page.getByText("Live", { exact: true }).waitFor({ timeout: 60_000 });
    await page.close();
  },
  [/net::ERR_CONNECTION_REFUSED/],
);

browserTest(
  "log out: clears the cookie and localStorage.token",
  async (test) => {
    using folder = temporaryFolder();
    await using server = await startServer(folder.path);
    await using page = await test.newPage();
    await register(page, server.url);
    await page.getByRole("button", { name: "Logout" }).click();
    await page.waitForURL("**/login");
    assert.equal(
      await page.evaluate(() => localStorage.getItem("token")),
      null,
    );
    assert.deepEqual(await page.context().cookies(), []);
    await page.goto(`${server.url}/dashboard`);
    await page.waitForURL(/\/login\?next=/);
  },
);

browserTest(
  "without scripts: register, log in, search, sort and details work as forms and links",
  async (test) => {
    using folder = temporaryFolder();
    await using server = await startServer(folder.path);
    await using page = await test.newPage({ javaScriptEnabled: false });
    await page.goto(`${server.url}/register`);
    await page.locator("[name=username]").fill("alice");
    await page.locator("[name=email]").fill("alice@example.org");
    await page.locator("[name=password]").fill("secret-1");
    await page.locator("[name=confirmPassword]").fill("other-1");
    await page.locator("main form button[type=submit]").click();
    await page.locator("[name=confirmPassword][aria-invalid]").waitFor();
    assert.equal(await page.locator("[name=username]").inputValue(), "alice");
    await page.locator("[name=password]").fill("secret-1");
    await page.locator("[name=confirmPassword]").fill("secret-1");
    await page.locator("main form button[type=submit]").click();
    await page.waitForURL("**/dashboard");

    const session = (await page.context().cookies())[0];
    assert.equal(session?.httpOnly, true);
    await using agent = startTask("agent", {
      args: ["--device", DEVICE, "--server", server.url, "--once"],
      env: { MONITOR_AUTH_TOKEN: session?.value ?? "" },
    });
    assert.equal((await agent.child.status).code, 0, agent.output());
    await page.reload();
    await page.getByRole("button", { name: /Device Name/ }).click();
    await page.waitForURL(/order=desc/);
    await page.getByLabel("Search by name or address").fill(DEVICE);
    await page.getByLabel("Search by name or address").press("Enter");
    await page.waitForURL(new RegExp(`q=${DEVICE}`));
    await page.getByRole("link", { name: /View Details/ }).click();
    await page.waitForURL(/device=/);
    await page.getByRole("dialog").getByText(DEVICE).first().waitFor();
    await page.goto(`${server.url}/dashboard`);
    await page.getByRole("button", { name: "Logout" }).click();
    await page.waitForURL("**/login");
  },
  [/status of 400/],
);
