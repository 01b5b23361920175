/**
 * Every key of the database, as typed builders used by writes and reads alike. Values:
 *
 * | key | value | expires |
 * |---|---|---|
 * | user, ID | User | no |
 * | user_by_name, folded name | user id | no |
 * | user_by_email, folded address | user id | no |
 * | administrator | id of the first account | no |
 * | device, ID | Device | no |
 * | device_by_name, OWNER, name | device id | no |
 * | latest_device, OWNER | id of the device registered last | no |
 * | presence, DEVICE | Presence: when it was seen, how its reports stand | no |
 * | change, PROCESS, n | the n-th Change that this server process made | after a minute |
 * | connections, DEVICE, n | the n-th chunk of its packed connections | with the connections |
 */
export const keys = {
  user: (id: string) => ["user", id],
  users: () => ["user"],
  userByName: (folded: string) => ["user_by_name", folded],
  userByEmail: (folded: string) => ["user_by_email", folded],
  administrator: () => ["administrator"],
  device: (id: string) => ["device", id],
  devices: () => ["device"],
  deviceByName: (ownerId: string, name: string) => [
    "device_by_name",
    ownerId,
    name,
  ],
  allDeviceNames: () => ["device_by_name"],
  latestDevice: (ownerId: string) => ["latest_device", ownerId],
  latestDevices: () => ["latest_device"],
  presence: (deviceId: string) => ["presence", deviceId],
  presences: () => ["presence"],
  connections: (deviceId: string, chunk: number) => [
    "connections",
    deviceId,
    chunk,
  ],
  connectionsOf: (deviceId: string) => ["connections", deviceId],
  changes: () => ["change"],
  changesOf: (processId: string) => ["change", processId],
  change: (processId: string, number: number) => ["change", processId, number],
  allConnections: () => ["connections"],
} satisfies Record<string, (...parts: never[]) => Deno.KvKey>;
