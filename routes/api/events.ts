/** `/api/dashboard/events`: the dashboard's list, kept fresh by server-sent events (HTML standard, section 9.2). */
import { z } from "zod";
import {
  deviceChange,
  deviceList,
  deviceQuery,
} from "@/lib/contract/dashboard.ts";
import { viewerOf } from "@/lib/domain/user.ts";
import type { LiveEvent, LiveSink } from "@/lib/fleet/live.ts";
import type { AppDeps } from "@/routes/deps.ts";
import { type App, endpoint } from "@/routes/endpoint.ts";

/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;
/** More than this waits for no reader; a list may be larger, and then nothing follows until it is taken. */
const MAX_WAITING_BYTES = 65_536;

const encoder = new TextEncoder();

export function addEventRoutes(
  app: App,
  { authenticator, fleet }: AppDeps,
): void {
  endpoint(app, authenticator, {
    method: "get",
    path: "/api/dashboard/events",
    summary: "Follow a list: its devices as they change, and the totals",
    tag: "Dashboard",
    scopes: ["session"],
    query: deviceQuery,
    answers: {
      200: {
        description: "a `list` event, then `change` events",
        schema: z.union([deviceList, deviceChange]),
        mediaType: "text/event-stream",
      },
    },
    refusals: ["overloaded"],
  }, ({ c, query }) => {
    const { user, expiresAt } = c.var.principal;
    const body = eventStream((sink) =>
      fleet.subscribe({
        viewer: viewerOf(user),
        query,
        lastEventId: c.req.header("last-event-id") ?? "",
        expiresAt,
      }, sink)
    );
    return c.body(body, 200, {
      "content-type": "text/event-stream",
      // Compressing would hold events back until a block is full.
      "cache-control": "no-store, no-transform",
      // The same for nginx, which collects answers otherwise.
      "x-accel-buffering": "no",
    });
  });
}

/** A body that carries the events of a subscription; the reader's leaving ends the subscription. */
function eventStream(
  subscribe: (sink: LiveSink) => () => void,
): ReadableStream<Uint8Array> {
  let unsubscribe = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(encoder.encode(text));
      write(`retry: ${RETRY_MS}\n\n`);
      unsubscribe = subscribe({
        ready: () => (controller.desiredSize ?? 0) > 0,
        send: (event) => write(eventText(event)),
        keepAlive: () => write(":\n\n"),
        end(reason) {
          // An error lets go of what waits; a close would keep it until the reader has taken it.
          if (reason === "slow") controller.error(new Error("reader too slow"));
          else controller.close();
        },
      });
    },
    cancel: () => unsubscribe(),
  }, new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }));
}

function eventText({ name, id, data }: LiveEvent): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
