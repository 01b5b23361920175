/** The building blocks of the contract's schemas: one rule, one place, one message. */
import { z } from "zod";
import { canonicalIp } from "@/lib/domain/address.ts";
import { CONTROL_CHARACTER } from "@/lib/domain/control_characters.ts";
import {
  MAX_INTERVAL_SECONDS,
  MIN_INTERVAL_SECONDS,
} from "@/lib/domain/device_status.ts";
import { MAX_DEVICE_NAME_LENGTH, MAX_PORT } from "@/lib/domain/limits.ts";

const CONTROLS = new RegExp(CONTROL_CHARACTER, "gu");

/** Text from a person or a device: trimmed, normalised (NFC), without control characters. */
export function text(what: string, maxLength: number) {
  return z.string({ error: `${what} must be a string` })
    .transform((value) => value.normalize("NFC").trim())
    .pipe(
      z.string()
        .min(1, `${what} must not be empty`)
        .max(maxLength, `${what} must have at most ${maxLength} characters`)
        .refine(
          (value) => !CONTROL_CHARACTER.test(value),
          `${what} must not contain control characters`,
        ),
    );
}

/** An IPv4 or IPv6 address, brought to its canonical form. */
export const ipAddress = z.string({ error: "must be a string" })
  .transform((value, context) => {
    const ip = canonicalIp(value);
    if (ip !== null) return ip;
    context.addIssue({
      code: "custom",
      message: `must be an IPv4 or IPv6 address, not ${quote(value)}`,
    });
    return z.NEVER;
  }).meta({ description: "IPv4 or IPv6 address", example: "10.20.0.7" });

/** A port; 0 where an end has none. */
export const port = z.int({ error: "must be a whole number" })
  .min(0, `must be from 0 to ${MAX_PORT}`)
  .max(MAX_PORT, `must be from 0 to ${MAX_PORT}`)
  .meta({ example: 4059 });

/** A byte count; absent and null both mean unknown. */
export const byteCount = z.int({
  error: "must be a whole number of bytes, or null where unknown",
}).min(0, "must not be negative").nullish().transform((value) => value ?? null)
  .meta({ description: "bytes; null where unknown", example: 4096 });

/** TCP or UDP, in upper or lower case. */
export const protocol = z.string({ error: "must be TCP or UDP" })
  .transform((value, context): "TCP" | "UDP" => {
    if (value === "TCP" || value === "tcp") return "TCP";
    if (value === "UDP" || value === "udp") return "UDP";
    context.addIssue({
      code: "custom",
      message: `must be TCP or UDP, not ${quote(value)}`,
    });
    return z.NEVER;
  }).meta({ enum: ["TCP", "UDP"], example: "TCP" });

/**
 * A word that the device's system gave, such as a state or a program's name. It is evidence, so odd
 * characters do not refuse the report: control characters become U+FFFD.
 */
export function systemWord(maxLength: number) {
  return z.string({ error: "must be a string, or null where unknown" })
    .max(maxLength, `must have at most ${maxLength} characters`)
    .nullish()
    .transform((value) => value?.trim().replace(CONTROLS, "\ufffd") || null);
}

/** A device's name. */
export const deviceName = text("deviceName", MAX_DEVICE_NAME_LENGTH)
  .meta({ example: "meter-0042" });

/** An opaque identifier that the server made. */
export const id = z.string({ error: "must be a string" })
  .min(1, "must not be empty").max(64, "must have at most 64 characters");

/** How often an agent reports. */
export const intervalSeconds = z.number({ error: "must be a number" })
  .min(MIN_INTERVAL_SECONDS, `must be at least ${MIN_INTERVAL_SECONDS} second`)
  .max(
    MAX_INTERVAL_SECONDS,
    `must be at most ${MAX_INTERVAL_SECONDS} seconds`,
  ).meta({ description: "seconds between two reports", example: 10 });

/** The latest time that a Date can hold (ECMA-262, "Time Values and Time Range"). */
const LATEST_TIME_MS = 8.64e15;
const NOT_A_TIME = "must be an ISO 8601 time or milliseconds since 1970";

/** A time as ISO 8601 text with an offset, or as ms since the epoch; ms inside. */
export const timestamp = z.union([
  z.iso.datetime({ offset: true }).transform((value) => Date.parse(value))
    .refine((ms) => ms >= 0, NOT_A_TIME),
  z.int(NOT_A_TIME).min(0, NOT_A_TIME).max(LATEST_TIME_MS, NOT_A_TIME),
], { error: NOT_A_TIME }).meta({ example: "2026-01-31T12:00:00Z" });

/** A token may travel in a JSON body; the HTTP layer takes it from there before this is read. */
export const bodyToken = z.string().optional()
  .meta({ description: "instead of the Authorization header" });

/** Quotes hostile input for a message: short, and JSON-escaped. */
function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
