/** Devices: machines that report. */

export interface Device {
  id: string;
  ownerId: string;
  /** The name under which its agent registers; with the owner it is the device's identity. */
  agentName: string;
  /** The name shown; the same as `agentName` until somebody renames the device. */
  deviceName: string;
  os: string | null;
  agentVersion: string | null;
  /** The interval its agent announced, until reports say it themselves. */
  intervalSeconds: number;
  /** ms since the epoch. */
  registeredAt: number;
}

/** The names that lead to a device: a renamed device is still found by its agent's name. */
export function deviceNames(
  device: Pick<Device, "agentName" | "deviceName">,
): string[] {
  return device.agentName === device.deviceName
    ? [device.agentName]
    : [device.agentName, device.deviceName];
}
