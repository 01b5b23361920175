import assert from "node:assert/strict";
import { z } from "zod";
import { connectionInput } from "@/lib/contract/monitor.ts";
import { type Connection, connectionKey } from "@/lib/domain/connection.ts";
import { serviceName } from "@/lib/domain/ports.ts";
import { createMeter } from "@/scripts/simulate/meter.ts";

const LIST = z.array(connectionInput);

/** A scan as the server would read it. */
function read(scan: string): Connection[] {
  return LIST.parse(JSON.parse(scan));
}

/** The scans of a meter, one every ten seconds. */
function scans(
  index: number,
  count: number,
  { seed = 1, connections = 12 } = {},
): Connection[][] {
  const meter = createMeter(index, { seed, connections });
  return Array.from({ length: count }, (_, i) => read(meter.scan(i * 10)));
}

/** A thousand meters as they look five minutes into the simulation. */
const FLEET = Array.from({ length: 1000 }, (_, index) => {
  const meter = createMeter(index, { seed: 1, connections: 12 });
  return read(meter.scan(300));
});

function isService(c: Connection, name: string): boolean {
  return c.destPort !== 0 &&
    [c.sourcePort, c.destPort].some((port) =>
      serviceName(port, c.protocol) === name
    );
}

/** How many meters have a connection of a kind. */
function metersWith(test: (c: Connection) => boolean): number {
  return FLEET.filter((connections) => connections.some(test)).length;
}

Deno.test("createMeter: gives every meter a name of its own, whatever the seed", () => {
  const names = Array.from(
    { length: 10_000 },
    (_, i) => createMeter(i, { seed: 1, connections: 1 }).name,
  );
  assert.equal(new Set(names).size, 10_000);
  assert.equal(names[41], "riverside-meter-0042");
  assert.equal(createMeter(41, { seed: 9, connections: 1 }).name, names[41]);
});

Deno.test("createMeter: repeats itself for the same seed and differs for another", () => {
  assert.deepEqual(scans(3, 50, { seed: 5 }), scans(3, 50, { seed: 5 }));
  assert.notDeepEqual(scans(3, 50, { seed: 5 }), scans(3, 50, { seed: 6 }));
  assert.notDeepEqual(scans(3, 50), scans(4, 50));
});

Deno.test("createMeter: has about as many connections as asked", () => {
  for (const connections of [1, 2, 5, 12, 50, 300]) {
    const counts = [0, 1, 2, 3, 4].flatMap((index) =>
      scans(index, 60, { connections }).map((scan) => scan.length)
    );
    const mean = counts.reduce((sum, count) => sum + count) / counts.length;
    assert.ok(Math.abs(mean - connections) <= 1 + connections / 10, `${mean}`);
  }
});

Deno.test("createMeter: names no connection twice in a scan", () => {
  for (const connections of FLEET) {
    const keys = new Set(connections.map(connectionKey));
    assert.equal(keys.size, connections.length);
  }
});

Deno.test("createMeter: keeps each meter at its head-end, by one of three protocols", () => {
  const protocols = ["DLMS/COSEM", "IEC 60870-5-104", "ANSI C12.22"];
  const each = protocols.map((name) => metersWith((c) => isService(c, name)));
  assert.equal(each.reduce((sum, count) => sum + count), FLEET.length);
  for (const count of each) assert.ok(count > 200, `${each}`);
  for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const [first, ...later] = scans(index, 100).map((scan) => scan[0]);
    assert.ok(first);
    assert.ok(protocols.some((name) => isService(first, name)));
    for (const c of later) {
      assert.equal(c && connectionKey(c), connectionKey(first));
    }
  }
});

Deno.test("createMeter: keeps the MQTT broker, the sub-meters and listening sockets", () => {
  assert.equal(metersWith((c) => isService(c, "MQTT TLS")), FLEET.length);
  assert.equal(metersWith((c) => isService(c, "Modbus")), FLEET.length);
  assert.equal(metersWith((c) => c.state === "LISTEN"), FLEET.length);
  assert.equal(metersWith((c) => c.state === "UNCONN"), FLEET.length);
});

Deno.test("createMeter: lets lookups, clock checks, downloads, maintenance and strangers come and go", () => {
  const shares: [name: string, test: (c: Connection) => boolean][] = [
    ["dns", (c) => isService(c, "dns")],
    ["ntp", (c) => isService(c, "ntp")],
    ["https", (c) => isService(c, "https")],
    ["ssh", (c) => isService(c, "ssh")],
    ["stranger", (c) => c.destIp.startsWith("203.0.113.")],
  ];
  for (const [name, test] of shares) {
    const count = metersWith(test);
    assert.ok(count > 0 && count < FLEET.length * 0.7, `${name}: ${count}`);
  }
});

Deno.test("createMeter: makes strangers rare and shows them on 23 or 4444", () => {
  const strangers = FLEET.flat().filter((c) =>
    c.destIp.startsWith("203.0.113.")
  );
  assert.ok(strangers.length < FLEET.length / 10);
  const ports = new Set(strangers.map((c) => c.destPort));
  assert.deepEqual([...ports].sort(), [23, 4444]);
});

Deno.test("createMeter: lets counters of a connection only grow", () => {
  let grown = 0;
  for (const index of [0, 1, 2]) {
    const latest = new Map<string, Connection>();
    for (const c of scans(index, 100).flat()) {
      const before = latest.get(connectionKey(c));
      if (before && c.bytesIn !== null && before.bytesIn !== null) {
        assert.ok(c.bytesIn >= before.bytesIn);
        assert.ok((c.bytesOut ?? 0) >= (before.bytesOut ?? 0));
        if (c.bytesIn > before.bytesIn) grown++;
      }
      latest.set(connectionKey(c), c);
    }
  }
  assert.ok(grown > 1000, String(grown));
});

Deno.test("createMeter: does not know the bytes of UDP and of listening sockets", () => {
  for (const c of FLEET.flat()) {
    const known = c.protocol === "TCP" && c.state !== "LISTEN" &&
      c.state !== "TIME_WAIT";
    assert.equal(c.bytesIn !== null, known, JSON.stringify(c));
    assert.equal(c.bytesOut !== null, known);
  }
});

Deno.test("createMeter: has some meters whose agents may not see programs", () => {
  const blind = FLEET.filter((connections) =>
    connections.every((c) => c.processName === null)
  );
  assert.ok(blind.length > 50 && blind.length < 200, String(blind.length));
});

Deno.test("createMeter: gives strangers and mirrors documentation addresses, and the rest private ones", () => {
  const known =
    /^(10\.|192\.168\.|198\.51\.100\.|203\.0\.113\.|fd20:|0\.0\.0\.0$|::$)/;
  for (const c of FLEET.flat()) {
    assert.match(c.sourceIp, known);
    assert.match(c.destIp, known);
  }
});

Deno.test("createMeter: catches up after a long pause between two scans", () => {
  const meter = createMeter(0, { seed: 1, connections: 12 });
  meter.scan(10);
  const later = read(meter.scan(86_400));
  assert.ok(later.length >= 8);
});
