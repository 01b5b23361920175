/**
 * The contract's limits that the agent keeps to. They are repeated here, and held equal by a test,
 * because importing lib/contract brings in zod: some 20 MB of memory, which a small meter lacks.
 */
export const MAX_CONNECTIONS_PER_REPORT = 10_000;
export const MAX_DEVICE_NAME_LENGTH = 128;
export const MAX_PROCESS_NAME_LENGTH = 256;
