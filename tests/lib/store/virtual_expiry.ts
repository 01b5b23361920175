/** Expiry in compressed time. Deno KV deletes by the wall clock, once a minute; this does it by a test's. */
import type { Clock } from "@/tests/support/app.ts";
import type { KvHooks } from "./support.ts";

/** Notes when each row that is set through `hooks` expires, by the clock. */
export function virtualExpiry(hooks: KvHooks, clock: Clock) {
  const expiries = new Map<string, { key: Deno.KvKey; atMs: number }>();
  hooks.onSet = (key, options) => {
    const name = JSON.stringify(key);
    if (options?.expireIn === undefined) expiries.delete(name);
    else expiries.set(name, { key, atMs: clock.now() + options.expireIn });
  };
  return {
    /** Deletes what has expired, as KV does. */
    async collect(kv: Deno.Kv): Promise<void> {
      for (const [name, { key, atMs }] of expiries) {
        if (atMs > clock.now()) continue;
        await kv.delete(key);
        expiries.delete(name);
      }
    },
  };
}
