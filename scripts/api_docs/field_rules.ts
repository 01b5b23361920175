/** Rules that a JSON schema cannot hold, for the tables of fields; each names the contract's own limits. */
import {
  MAX_EMAIL_LENGTH,
  MAX_PASSWORD_BYTES,
  MAX_USERNAME_LENGTH,
  MIN_PASSWORD_CHARACTERS,
} from "@/lib/contract/auth.ts";
import { MAX_DEVICE_NAME_LENGTH } from "@/lib/domain/limits.ts";

const DEVICE_NAME =
  `1 to ${MAX_DEVICE_NAME_LENGTH} characters, no control characters; spaces at its ends are dropped`;
const SYSTEM_WORD = "control characters become U+FFFD";
const UNIQUE = "unique without regard to case";

/** By schema and field. */
export const FIELD_RULES: Readonly<Record<string, string>> = {
  "Problem.type": "always `about:blank`",
  "Problem.title": "the status in words",
  "Problem.detail": "for people; its wording may change",
  "Problem.code": "for programs; never renamed",
  "Problem.errors[].path": "such as `connections[3].destPort`",
  "RegisterRequest.username":
    `1 to ${MAX_USERNAME_LENGTH} characters: letters, digits, spaces and \`. _ @ + -\`, the first a letter or digit; ${UNIQUE}`,
  "RegisterRequest.email":
    `an e-mail address, at most ${MAX_EMAIL_LENGTH} characters; ${UNIQUE}`,
  "RegisterRequest.password":
    `at least ${MIN_PASSWORD_CHARACTERS} characters, at most ${MAX_PASSWORD_BYTES} bytes of UTF-8`,
  "RegisterRequest.confirmPassword": "equals `password`",
  "RegisterDeviceRequest.deviceName": DEVICE_NAME,
  "RegisterDeviceRequest.os": SYSTEM_WORD,
  "RegisterDeviceRequest.agentVersion": SYSTEM_WORD,
  "RenameDeviceRequest.deviceName": DEVICE_NAME,
  "SingleConnectionRequest.state": SYSTEM_WORD,
  "SingleConnectionRequest.processName": SYSTEM_WORD,
  "SingleConnectionRequest.deviceId":
    "absent: the device that the account registered last",
  "ConnectionsRequest.deviceId":
    "absent: the device that the account registered last",
  "ConnectionInput.state": SYSTEM_WORD,
  "ConnectionInput.processName": SYSTEM_WORD,
  "ReportRequest.scannedAt":
    "ISO 8601 with an offset or `Z`, or milliseconds since 1970",
};
