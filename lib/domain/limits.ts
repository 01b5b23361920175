/** How much a device may say: the contract's limits, and those that agents keep to. */

/** A device with more connections than this is refused, with a message that says so. */
export const MAX_CONNECTIONS_PER_REPORT = 10_000;
export const MAX_DEVICE_NAME_LENGTH = 128;
export const MAX_STATE_LENGTH = 32;
export const MAX_PROCESS_NAME_LENGTH = 256;
export const MAX_PORT = 65_535;
