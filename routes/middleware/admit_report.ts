import type { Context, MiddlewareHandler } from "hono";
import type { Authenticator } from "@/lib/auth/authenticator.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import type { AppEnv } from "@/routes/deps.ts";
import { bearerToken } from "@/routes/middleware/authenticate.ts";
import { MAX_BODY_BYTES } from "@/routes/middleware/read_body.ts";

/**
 * The bodies that are on their way in or wait may declare so many bytes together: room for 4,000
 * reports of 50 connections, which may come slowly, since meters have thin lines.
 */
const ROOM_BYTES = 32 * 1_048_576;
/** Large ones take several times their length once they are parsed, so few may come at a time. */
const ROOM_BYTES_OF_LARGE = 8 * 1_048_576;
const LARGE_BODY_BYTES = 65_536;
/** Those without a token that is known have a room of their own, so that strangers cannot take it all. */
const ROOM_BYTES_OF_STRANGERS = 8 * 1_048_576;
/** One connection's share of a body, rather too little than too much. */
const BYTES_PER_CONNECTION = 160;
const RETRY_AFTER_SECONDS = 2;

export interface AdmitReportDeps {
  authenticator: Pick<Authenticator, "kept">;
  /** Tells whether a report of about so many connections would be taken now. */
  fleet: { hasRoomFor(connectionCount: number): boolean };
}

/**
 * Refuses reports that the server has no room for with `overloaded`, before anything of them is kept
 * or parsed. To be put before whatever reads bodies.
 */
export function admitReport(
  { authenticator, fleet }: AdmitReportDeps,
): MiddlewareHandler<AppEnv> {
  const reports = new Room(ROOM_BYTES);
  const large = new Room(ROOM_BYTES_OF_LARGE);
  const strangers = new Room(ROOM_BYTES_OF_STRANGERS);
  return async function admitReport(c, next) {
    const bytes = declaredBytes(c);
    const token = bearerToken(c);
    const isKnown = token !== null && authenticator.kept(token) !== null;
    const room = !isKnown
      ? strangers
      : bytes > LARGE_BODY_BYTES
      ? large
      : reports;
    const hasRoom = fleet.hasRoomFor(Math.floor(bytes / BYTES_PER_CONNECTION));
    if (!hasRoom || !room.take(bytes)) {
      await passOver(c.req.raw, bytes);
      throw new DomainError("overloaded", "too many reports are waiting", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    try {
      await next();
    } finally {
      room.giveBack(bytes);
    }
  };
}

/** What the body may come to; one that does not say may come to the most. */
function declaredBytes(c: Context): number {
  const declared = Number(c.req.header("content-length") ?? MAX_BODY_BYTES);
  return Math.min(declared, MAX_BODY_BYTES);
}

/**
 * Reads a body to its end and keeps nothing of it. A connection that is closed on what was not read is
 * reset, and the one who sends it never sees the answer.
 */
async function passOver(request: Request, bytes: number): Promise<void> {
  // Reading a small body at once costs a fraction of reading a stream.
  if (bytes <= LARGE_BODY_BYTES) return void await request.arrayBuffer();
  let read = 0;
  for await (const part of request.body ?? []) {
    read += part.length;
    if (read > MAX_BODY_BYTES) return;
  }
}

/** A number of bytes that several share. */
class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** False where there is less left. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}
