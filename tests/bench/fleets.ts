/** The servers that the benches measure: each on a database of its own with a fleet in it. */
import { Tokens } from "@/lib/auth/tokens.ts";
import { databasePath } from "@/lib/config.ts";
import type { Generator, LoadResult } from "@/tests/bench/load.ts";
import { CONNECTION_TTL_SECONDS, seedFleet } from "@/tests/bench/seed.ts";
import {
  type RunningServer,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

export const CONNECTIONS_PER_DEVICE = 50;
/** The fleet of the issue: fifty thousand meters. */
export const LARGE_FLEET = 50_000;
const SECRET = "a secret of the benches, long enough for HS256";

/** A database that was written once, to be copied. */
interface Seeded {
  folder: string;
  deviceIds: string[];
  agentToken: string;
  sessionToken: string;
}

export interface FleetServer extends AsyncDisposable {
  url: string;
  pid: number;
  deviceIds: string[];
  agentToken: string;
  sessionToken: string;
  /** Reports of all devices but those of `leftOut`. */
  load(
    generate: Generator,
    load: {
      seconds: number;
      reportsPerSecond?: number;
      concurrent?: number;
      leftOut?: readonly string[];
    },
  ): Promise<LoadResult>;
  /** The answer's text to a GET as the fleet's owner; throws where the status is not 200. */
  get(path: string): Promise<string>;
}

/** Makes fleets; what they left on the disk goes with it. */
export class Fleets implements Disposable {
  readonly #folder = temporaryFolder();
  readonly #seeded = new Map<number, Promise<Seeded>>();
  #copies = 0;

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  /** A new path for a file or folder. */
  path(): string {
    return `${this.#folder.path}/${this.#copies++}`;
  }

  /** A data folder with `devices` devices in its database, for `start`. */
  async copy(devices: number): Promise<{ folder: string; seeded: Seeded }> {
    let seeding = this.#seeded.get(devices);
    if (!seeding) this.#seeded.set(devices, seeding = this.#seed(devices));
    const seeded = await seeding;
    const folder = this.path();
    await Deno.mkdir(folder);
    for await (const { name } of Deno.readDir(seeded.folder)) {
      await Deno.copyFile(`${seeded.folder}/${name}`, `${folder}/${name}`);
    }
    return { folder, seeded };
  }

  /** Starts a server on a copy of a fleet of `devices` devices. */
  async start(devices: number): Promise<FleetServer> {
    const { folder, seeded } = await this.copy(devices);
    return this.#serving(await startOn(folder), seeded, folder);
  }

  async #seed(devices: number): Promise<Seeded> {
    const folder = this.path();
    await Deno.mkdir(folder);
    const { user, deviceIds } = await seedFleet(
      databasePath({ dataDir: folder }),
      devices,
      CONNECTIONS_PER_DEVICE,
    );
    const tokens = new Tokens(SECRET, Date.now);
    return {
      folder,
      deviceIds,
      agentToken: (await tokens.issue(user, "agent")).token,
      sessionToken: (await tokens.issue(user, "session")).token,
    };
  }

  #serving(
    server: RunningServer,
    seeded: Seeded,
    folder: string,
  ): FleetServer {
    let loads = 0;
    const { url, child } = server;
    const { deviceIds, agentToken, sessionToken } = seeded;
    return {
      ...{ url, pid: child.pid, deviceIds, agentToken, sessionToken },
      load: async (generate, { leftOut = [], ...load }) => {
        const devicesFile = this.path();
        await Deno.writeTextFile(
          devicesFile,
          deviceIds.filter((id) => !leftOut.includes(id)).toSorted(byTail)
            .join("\n"),
        );
        return await generate(url, {
          ...load,
          ...{ devicesFile, token: agentToken },
          connections: CONNECTIONS_PER_DEVICE,
          firstSequence: ++loads * 1_000_000,
        });
      },
      get: async (path) => {
        const response = await fetch(`${url}${path}`, {
          headers: { authorization: `Bearer ${sessionToken}` },
        });
        const text = await response.text();
        if (response.status !== 200) {
          throw new Error(`${path} answered ${response.status}: ${text}`);
        }
        return text;
      },
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        // A fleet takes some 300 MB.
        await Deno.remove(folder, { recursive: true });
      },
    };
  }
}

/** Starts a server on a data folder, with nothing that expires during a bench. */
export function startOn(folder: string): Promise<RunningServer> {
  return startServer(folder, {
    JWT_SECRET: SECRET,
    CONNECTION_TTL_SECONDS: String(CONNECTION_TTL_SECONDS),
  });
}

/** An order that is neither that of the names nor that of the database's keys: meters report in none. */
function byTail(a: string, b: string): number {
  return a.slice(-12) < b.slice(-12) ? -1 : 1;
}
