/**
 * A KV Connect server for tests: the protocol that Deno.openKv speaks to Deno Deploy and to a
 * self-hosted denokv (denoland/denokv, proto/kv-connect.md, versions 2 and 3), on loopback and in
 * memory. It has reads and atomic writes with denokv's limits; no `watch`, no queues, no sums.
 */
import { Database } from "./database.ts";
import { LimitError, limitRead, limitWrite } from "./limits.ts";
import {
  readAtomicWrite,
  readSnapshotRead,
  writeAtomicWriteOutput,
  writeSnapshotReadOutput,
} from "./messages.ts";
import { ProtobufError } from "./protobuf.ts";

const METADATA_VALID_MS = 86_400_000;
/** The newest first. */
const VERSIONS: readonly number[] = [3, 2];

export interface KvConnectServer extends AsyncDisposable {
  /** What KV_URL is set to. */
  url: string;
  /** What DENO_KV_ACCESS_TOKEN is set to. */
  accessToken: string;
  database: Database;
  /** The refusals so far: what a client asked that this server does not answer. */
  refused: string[];
  /** While false, every request is answered with 503. */
  available: boolean;
  /** How many were. */
  turnedAway: number;
}

/** Starts a server with an empty database on a free port of loopback. */
export function startKvConnect(
  { now = () => Date.now(), newId = () => crypto.randomUUID() } = {},
): KvConnectServer {
  const database = new Database(now);
  const state = { refused: [] as string[], available: true, turnedAway: 0 };
  const accessToken = newId();
  const session = { databaseId: newId(), token: newId() };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (!state.available) {
        state.turnedAway++;
        return new Response("Out of service.", { status: 503 });
      }
      try {
        return new URL(request.url).pathname === "/"
          ? await metadata(request, accessToken, session, now())
          : await dataPath(request, session, database);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        state.refused.push(refusal.message);
        return new Response(refusal.message, { status: refusal.status });
      }
    },
  );
  return Object.assign(state, {
    url: `http://127.0.0.1:${server.addr.port}`,
    accessToken,
    database,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

interface Session {
  databaseId: string;
  /** The token of the data path, which the metadata exchange hands out. */
  token: string;
}

class Refusal extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof LimitError) return new Refusal(400, error.message);
  if (error instanceof ProtobufError) {
    return new Refusal(400, `Request protobuf is invalid: ${error.message}.`);
  }
  return null;
}

async function metadata(
  request: Request,
  accessToken: string,
  { databaseId, token }: Session,
  nowMs: number,
): Promise<Response> {
  requirePost(request);
  requireToken(request, accessToken);
  const asked: unknown = await request.json();
  const supported = typeof asked === "object" && asked !== null &&
      "supportedVersions" in asked && Array.isArray(asked.supportedVersions)
    ? asked.supportedVersions
    : [];
  const version = VERSIONS.find((each) => supported.includes(each));
  if (!version) throw new Refusal(400, "No matching protocol version.");
  return Response.json({
    version,
    databaseId,
    endpoints: [{ url: "/v2", consistency: "strong" }],
    token,
    expiresAt: new Date(nowMs + METADATA_VALID_MS).toISOString(),
  });
}

async function dataPath(
  request: Request,
  { databaseId, token }: Session,
  database: Database,
): Promise<Response> {
  requirePost(request);
  requireToken(request, token);
  const { headers } = request;
  if (!VERSIONS.includes(Number(headers.get("x-denokv-version")))) {
    throw new Refusal(400, "Invalid protocol version.");
  }
  if (headers.get("x-denokv-database-id") !== databaseId) {
    throw new Refusal(400, "Invalid database id.");
  }
  const answer = methodOf(request);
  const body = answer(database, await request.bytes());
  return new Response(body, {
    headers: { "content-type": "application/x-protobuf" },
  });
}

type Method = (database: Database, body: Uint8Array) => Uint8Array<ArrayBuffer>;

function methodOf(request: Request): Method {
  const { pathname } = new URL(request.url);
  if (pathname === "/v2/snapshot_read") return snapshotRead;
  if (pathname === "/v2/atomic_write") return atomicWrite;
  throw new Refusal(404, `Resource not found: ${pathname}.`);
}

const snapshotRead: Method = (database, body) => {
  const ranges = readSnapshotRead(body);
  limitRead(ranges);
  return writeSnapshotReadOutput(database.read(ranges));
};

const atomicWrite: Method = (database, body) => {
  const write = readAtomicWrite(body);
  limitWrite(write);
  return writeAtomicWriteOutput(database.write(write));
};

function requirePost(request: Request): void {
  if (request.method !== "POST") throw new Refusal(405, "Only POST.");
}

function requireToken(request: Request, token: string): void {
  if (request.headers.get("authorization") !== `Bearer ${token}`) {
    throw new Refusal(401, "Invalid access token.");
  }
}
