/**
 * The contract's limits that the agent keeps to. They are repeated here, and held equal by a test,
 * because importing lib/contract brings in zod, with which an agent takes 74 MB of memory, not 56.
 */
export const MAX_CONNECTIONS_PER_REPORT = 10_000;
export const MAX_DEVICE_NAME_LENGTH = 128;
export const MAX_PROCESS_NAME_LENGTH = 256;
