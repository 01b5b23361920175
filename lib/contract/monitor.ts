/** Requests and answers of `/api/monitor/*`: what agents say. */
import { z } from "zod";
import {
  bodyToken,
  byteCount,
  deviceName,
  id,
  intervalSeconds,
  ipAddress,
  port,
  protocol,
  systemWord,
  timestamp,
} from "@/lib/contract/fields.ts";
import {
  MAX_CONNECTIONS_PER_REPORT,
  MAX_PROCESS_NAME_LENGTH,
  MAX_STATE_LENGTH,
} from "@/lib/domain/limits.ts";

export const connectionInput = z.object({
  protocol,
  sourceIp: ipAddress,
  sourcePort: port,
  destIp: ipAddress,
  destPort: port,
  bytesIn: byteCount,
  bytesOut: byteCount,
  state: systemWord(MAX_STATE_LENGTH).meta({ example: "ESTABLISHED" }),
  processName: systemWord(MAX_PROCESS_NAME_LENGTH).meta({ example: "meterd" }),
}).meta({ id: "ConnectionInput" });
export type ConnectionInput = z.input<typeof connectionInput>;

const connections = z.array(connectionInput, { error: "must be a list" }).max(
  MAX_CONNECTIONS_PER_REPORT,
  `must hold at most ${MAX_CONNECTIONS_PER_REPORT} connections`,
);

export const registerDeviceRequest = z.object({
  token: bodyToken,
  deviceName,
  os: systemWord(64).meta({ example: "linux" }),
  agentVersion: systemWord(64).meta({ example: "0.1.0" }),
  intervalSeconds: intervalSeconds.optional(),
}).meta({ id: "RegisterDeviceRequest" });
export type RegisterDeviceRequest = z.input<typeof registerDeviceRequest>;

export const registerDeviceResponse = z.object({
  deviceId: z.string(),
  deviceName: z.string(),
  created: z.boolean().meta({
    description: "false where the account had a device of this name",
  }),
}).meta({ id: "RegisterDeviceResponse" });
export type RegisterDeviceResponse = z.infer<typeof registerDeviceResponse>;

/** One connection, or several: adds or refreshes, closes nothing. */
export const singleConnectionRequest = connectionInput.extend({
  token: bodyToken,
  deviceId: id.optional(),
}).meta({ id: "SingleConnectionRequest" });

export const connectionsRequest = z.object({
  token: bodyToken,
  deviceId: id.optional(),
  connections,
}).meta({ id: "ConnectionsRequest" });

export const connectionsResponse = z.object({ accepted: z.int() })
  .meta({ id: "ConnectionsResponse" });

/** The whole picture of a device: what is missing from it has closed. */
export const reportRequest = z.object({
  token: bodyToken,
  deviceId: id,
  session: id.optional().meta({ description: "new at each start of an agent" }),
  sequence: z.int({ error: "must be a whole number" })
    .min(0, "must not be negative")
    .meta({ description: "rises within a session", example: 1 }),
  scannedAt: timestamp,
  intervalSeconds,
  connections,
}).meta({ id: "ReportRequest" });
export type ReportRequest = z.input<typeof reportRequest>;
export type Report = z.output<typeof reportRequest>;

export const REPORT_OUTCOMES = ["stored", "duplicate", "stale"] as const;

export const reportResponse = z.object({
  accepted: z.int().meta({
    description: "connections taken; 0 where the report changed nothing",
  }),
  sequence: z.int().meta({
    description: "the newest sequence of this session that the server has",
  }),
  outcome: z.enum(REPORT_OUTCOMES).meta({
    description: "duplicate: seen before; stale: older than the newest",
  }),
}).meta({ id: "ReportResponse" });
export type ReportResponse = z.infer<typeof reportResponse>;
