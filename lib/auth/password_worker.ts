/// <reference lib="deno.worker" />
/** Hashes and compares passwords away from the main thread: each takes about 100 ms of CPU. */
import { compareSync, hashSync } from "bcryptjs";
import type { PasswordJob, PasswordResult } from "@/lib/auth/passwords.ts";

const COST = 10;

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = ({ data: job }: MessageEvent<PasswordJob>) => {
  const result: PasswordResult = job.hash === null
    ? { id: job.id, hash: hashSync(job.password, COST), matches: false }
    : {
      id: job.id,
      hash: null,
      matches: compareSync(job.password, job.hash),
    };
  self.postMessage(result);
};
