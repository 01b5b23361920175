/** Chromium for the tests of pages: found, started, and watched for whatever it complains of. */
import { type Browser, chromium, type Page } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The first Chromium there is: $CHROMIUM_PATH, Debian's, Playwright's own; null where there is none. */
export function findChromium(): string | null {
  const candidates = [
    Deno.env.get("CHROMIUM_PATH"),
    "/usr/bin/chromium",
    playwrightsOwn(),
  ];
  return candidates.find((path) => path && isFile(path)) ?? null;
}

function playwrightsOwn(): string | null {
  try {
    return chromium.executablePath();
  } catch {
    return null;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

export interface BrowserTest {
  browser: Browser;
  /** A page in a context of its own, whose complaints fail the test. */
  newPage(options?: Parameters<Browser["newContext"]>[0]): Promise<Page>;
}

/**
 * Declares a test that needs a browser. Where there is none it is skipped and its name says why; with
 * CI=true it fails instead. Errors on the console, uncaught ones and breaches of the content security
 * policy fail it too, but for those that match one of `expected`.
 */
export function browserTest(
  name: string,
  run: (test: BrowserTest) => Promise<void>,
  expected: RegExp[] = [],
): void {
  const executablePath = findChromium();
  if (!executablePath) {
    const reason =
      "no Chromium: set CHROMIUM_PATH or install Debian's package chromium";
    Deno.test({
      name: `${name} (skipped, ${reason})`,
      ignore: Deno.env.get("CI") !== "true",
      fn: () => Promise.reject(new Error(reason)),
    });
    return;
  }
  Deno.test({
    name,
    // Playwright keeps pipes and timers of its own until the browser's process is gone.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const browser = await chromium.launch({
        executablePath,
        args: ARGUMENTS,
      });
      const complaints: string[] = [];
      try {
        await run({
          browser,
          async newPage(options) {
            const context = await browser.newContext(options);
            const page = await context.newPage();
            await watch(page, (complaint) => {
              if (expected.some((known) => known.test(complaint))) return;
              complaints.push(complaint);
            });
            return page;
          },
        });
      } finally {
        await browser.close();
      }
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    },
  });
}

/** Tells what the page complains of. */
async function watch(
  page: Page,
  tell: (complaint: string) => void,
): Promise<void> {
  page.on("console", (message) => {
    if (message.type() === "error") tell(message.text());
  });
  page.on("pageerror", (error) => tell(String(error)));
  await page.exposeFunction("reportViolation", (violation: string) => {
    tell(`CSP: ${violation}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const report: unknown = Reflect.get(globalThis, "reportViolation");
      if (typeof report === "function") {
        const { violatedDirective, blockedURI } =
          event as SecurityPolicyViolationEvent;
        report(`${violatedDirective} ${blockedURI}`);
      }
    });
  });
}
