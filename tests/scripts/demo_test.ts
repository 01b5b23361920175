import assert from "node:assert/strict";
import { eventually, startTask } from "@/tests/support/processes.ts";

/** What the demo says when it is told to use this port, and how it ends. */
async function demoOn(port: string): Promise<{ code: number; said: string }> {
  await using demo = startTask("demo", { env: { PORT: port, NO_COLOR: "1" } });
  let hasEnded = false;
  demo.child.status.then(() => hasEnded = true);
  let code = -1;
  try {
    await eventually("the demo to end by itself", () => hasEnded);
  } finally {
    // Asked to end, a demo that went on takes its server and agent with it.
    code = await demo.stop("SIGTERM");
  }
  return { code, said: demo.output() };
}

/** Listens on a free port of this address; null where the machine has no such address. */
function listen(hostname: string): Deno.TcpListener | null {
  try {
    return Deno.listen({ hostname, port: 0 });
  } catch {
    return null;
  }
}

for (const hostname of ["127.0.0.1", "::1"]) {
  const probe = listen(hostname);
  probe?.close();
  Deno.test({
    name: `demo: names the port that another program uses on ${hostname}`,
    ignore: probe === null,
    async fn() {
      using other = listen(hostname);
      const port = other?.addr.port;
      const { code, said } = await demoOn(String(port));
      assert.equal(
        said,
        `demo: port ${port} is in use: end the program that uses it, or set PORT to another\n`,
      );
      assert.equal(code, 1);
    },
  });
}

Deno.test("demo: refuses what is no port before it does anything", async () => {
  for (const port of ["abc", "0", "65536", "3000 "]) {
    const { code, said } = await demoOn(port);
    assert.equal(
      said,
      `demo: PORT must be a whole number from 1 to 65535, not "${port}"\n`,
    );
    assert.equal(code, 1);
  }
});
