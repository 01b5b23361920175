/**
 * Whom simulated meters talk to. The utility's own machines have private addresses (RFC 1918,
 * RFC 4193); everybody else lives in the ranges kept for documentation (RFC 5737), so that no
 * simulated stranger bears the address of a real one.
 */
import type { Protocol, SocketState } from "@/lib/domain/connection.ts";
import { between, pick, type Random } from "@/scripts/simulate/random.ts";

/** A socket as it opens, and how many bytes a second it moves. */
export interface Socket {
  protocol: Protocol;
  sourceIp: string;
  sourcePort: number;
  destIp: string;
  destPort: number;
  state: SocketState;
  processName: string;
  /** Null where the system does not count: listening sockets and UDP. */
  bytesPerSecond: { in: number; out: number } | null;
}

/** Something a meter does again and again. Both times are means. */
export interface Habit {
  gapSeconds: number;
  lifeSeconds: number;
  /** How long the meter keeps the closed connection in TIME_WAIT (RFC 9293 section 3.6.1). */
  lingerSeconds: number;
  open(place: Place, random: Random): Socket;
}

/** Where a meter stands and what it is. */
export interface Place {
  ip: string;
  ip6: string;
  model: Model;
  /** Picks the machines of the utility that serve this meter; the same for a whole site. */
  site: number;
}

export const MODELS = ["dlms", "iec104", "c1222"] as const;
export type Model = typeof MODELS[number];

/** The port of each model's protocol, and the program that speaks it. */
const HEAD_END: Record<Model, { port: number; processName: string }> = {
  dlms: { port: 4059, processName: "meterd" },
  iec104: { port: 2404, processName: "iec104d" },
  c1222: { port: 1153, processName: "c1222d" },
};

/**
 * The sockets that stay open, the most important first: a meter with few connections has only the
 * first of them.
 */
export function lastingSockets(place: Place, random: Random): Socket[] {
  const { port, processName } = HEAD_END[place.model];
  const broker = host(1, place.site, 4);
  return [
    headEnd(place, random),
    tcp(place.ip, ephemeral(random), broker, 8883, "telemetryd", 8, 60),
    listening(port, processName),
    listening(22, "sshd"),
    waiting(68, "udhcpc"),
    waiting(123, "chronyd"),
    waiting(161, "snmpd"),
    listening(443, "lighttpd"),
  ];
}

/** A sub-meter in the same cabinet, polled over Modbus: what gateways have many of. */
export function subMeter(nth: number, random: Random): Socket {
  const third = Math.floor(nth / 250) % 256;
  const ip = `192.168.${third}.${nth % 250 + 2}`;
  return tcp("192.168.0.1", ephemeral(random), ip, 502, "modbusd", 60, 40);
}

const NAME_LOOKUP: Habit = {
  gapSeconds: 15,
  lifeSeconds: 5,
  lingerSeconds: 0,
  open({ ip, site }, random) {
    return udp(ip, ephemeral(random), host(2, site, 2), 53, "dnsmasq");
  },
};

/** What big machines do more of. */
export const DOWNLOAD: Habit = {
  gapSeconds: 120,
  lifeSeconds: 20,
  lingerSeconds: 60,
  open({ ip }, random) {
    const mirror = `198.51.100.${between(random, 10, 25)}`;
    return tcp(ip, ephemeral(random), mirror, 443, "updated", 4000, 600);
  },
};

const CLOCK_CHECK: Habit = {
  gapSeconds: 61,
  lifeSeconds: 3,
  lingerSeconds: 0,
  open({ ip, site }, random) {
    return udp(ip, ephemeral(random), host(3, site, 2), 123, "chronyd");
  },
};

const MAINTENANCE: Habit = {
  gapSeconds: 3600,
  lifeSeconds: 300,
  lingerSeconds: 0,
  open({ ip }, random) {
    const jumpHost = `10.200.4.${between(random, 10, 14)}`;
    return tcp(ip, 22, jumpHost, ephemeral(random), "sshd", 200, 2000);
  },
};

const STRANGER: Habit = {
  gapSeconds: 3600,
  lifeSeconds: 90,
  lingerSeconds: 0,
  open: stranger,
};

/** What comes and goes, the most frequent first. */
export const HABITS: readonly Habit[] = [
  NAME_LOOKUP,
  DOWNLOAD,
  CLOCK_CHECK,
  MAINTENANCE,
  STRANGER,
];

function headEnd({ ip, ip6, model, site }: Place, random: Random): Socket {
  const { port, processName } = HEAD_END[model];
  const server = host(0, site, 4);
  const client = ephemeral(random);
  switch (model) {
    case "dlms": // pushes its readings
      return tcp(ip, client, server, port, processName, 40, 220);
    case "iec104": // is polled: the controlling station connects
      return tcp(ip, port, server, client, processName, 30, 150);
    case "c1222": { // lives in an IPv6 mesh, behind a relay
      const relay = `fd20::200:${site % 4 + 1}`;
      return tcp(ip6, client, relay, port, processName, 25, 90);
    }
  }
}

/** Something that should not be there: a meter that scans for telnet, or a shell that calls home. */
function stranger(place: Place, random: Random): Socket {
  const ip = `203.0.113.${between(random, 1, 254)}`;
  const port = ephemeral(random);
  return pick(random, [
    { ...tcp(place.ip, port, ip, 23, "busybox", 0, 0), state: "SYN_SENT" },
    tcp(place.ip, port, ip, 4444, "sh", 15, 90),
  ]);
}

/** One of the `count` machines of a service that serves a site. */
function host(service: number, site: number, count: number): string {
  return `10.200.${service}.${10 + site % count}`;
}

/** A port as Linux gives clients (net.ipv4.ip_local_port_range). */
function ephemeral(random: Random): number {
  return between(random, 32_768, 60_999);
}

function tcp(
  sourceIp: string,
  sourcePort: number,
  destIp: string,
  destPort: number,
  processName: string,
  inPerSecond: number,
  outPerSecond: number,
): Socket {
  return {
    protocol: "TCP",
    sourceIp,
    sourcePort,
    destIp,
    destPort,
    state: "ESTABLISHED",
    processName,
    bytesPerSecond: { in: inPerSecond, out: outPerSecond },
  };
}

function udp(
  sourceIp: string,
  sourcePort: number,
  destIp: string,
  destPort: number,
  processName: string,
): Socket {
  const socket = tcp(sourceIp, sourcePort, destIp, destPort, processName, 0, 0);
  return { ...socket, protocol: "UDP", bytesPerSecond: null };
}

/** A TCP socket that waits for peers on all addresses, IPv4 included. */
function listening(port: number, processName: string): Socket {
  const socket = tcp("::", port, "::", 0, processName, 0, 0);
  return { ...socket, state: "LISTEN", bytesPerSecond: null };
}

/** A UDP socket that waits for datagrams on all IPv4 addresses. */
function waiting(port: number, processName: string): Socket {
  const socket = udp("0.0.0.0", port, "0.0.0.0", 0, processName);
  return { ...socket, state: "UNCONN" };
}
