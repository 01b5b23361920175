import assert from "node:assert/strict";
import { serviceName } from "@/lib/domain/ports.ts";

const TCP_NAMES: [port: number, name: string][] = [
  [22, "ssh"],
  [23, "telnet"],
  [53, "dns"],
  [80, "http"],
  [102, "ISO-TSAP/IEC 61850 MMS"],
  [443, "https"],
  [502, "Modbus"],
  [802, "Modbus TLS"],
  [1153, "ANSI C12.22"],
  [1883, "MQTT"],
  [2404, "IEC 60870-5-104"],
  [3306, "mysql"],
  [3389, "rdp"],
  [4059, "DLMS/COSEM"],
  [4317, "otlp"],
  [4840, "OPC UA"],
  [5432, "postgresql"],
  [5671, "amqps"],
  [5672, "amqp"],
  [5683, "CoAP"],
  [5684, "CoAP TLS"],
  [6379, "redis"],
  [8883, "MQTT TLS"],
  [9092, "kafka"],
  [19998, "IEC 60870-5-104 TLS"],
  [19999, "DNP3 TLS"],
  [20000, "DNP3"],
  [27017, "mongodb"],
  [44818, "EtherNet/IP"],
];

const UDP_NAMES: [port: number, name: string][] = [
  [53, "dns"],
  [67, "dhcp"],
  [68, "dhcp"],
  [123, "ntp"],
  [161, "snmp"],
  [162, "snmptrap"],
  [514, "syslog"],
  [1153, "ANSI C12.22"],
  [1194, "openvpn"],
  [4059, "DLMS/COSEM"],
  [5353, "mdns"],
  [5683, "CoAP"],
  [5684, "CoAP DTLS"],
  [47808, "BACnet"],
  [51820, "wireguard"],
];

Deno.test("serviceName: names the ports that users of meters expect", () => {
  for (const [port, name] of TCP_NAMES) {
    assert.equal(serviceName(port, "TCP"), name, `${port}/tcp`);
  }
  for (const [port, name] of UDP_NAMES) {
    assert.equal(serviceName(port, "UDP"), name, `${port}/udp`);
  }
});

Deno.test("serviceName: tells TCP from UDP where they differ", () => {
  assert.notEqual(serviceName(514, "TCP"), serviceName(514, "UDP"));
  assert.equal(serviceName(6379, "UDP"), null);
  assert.equal(serviceName(19998, "UDP"), null);
  assert.equal(serviceName(51820, "TCP"), null);
});

Deno.test("serviceName: is null for ports without a trustworthy name", () => {
  for (const port of [0, 4444, 31_337, 49_152, 65_535]) {
    assert.equal(serviceName(port, "TCP"), null, String(port));
    assert.equal(serviceName(port, "UDP"), null, String(port));
  }
});

Deno.test("serviceName: is null for what is no port", () => {
  for (const port of [-1, 65_536, 4.5, NaN, Infinity]) {
    assert.equal(serviceName(port, "TCP"), null, String(port));
  }
});
