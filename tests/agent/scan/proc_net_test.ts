import assert from "node:assert/strict";
import { parseProcNet } from "@/agent/scan/proc_net.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

Deno.test("parseProcNet: reads the four tables in a row, each by its header", async () => {
  const { rows, warnings } = parseProcNet(await listing("proc_net.txt"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(rows.map((row) => `${row.ownerId} ${rowLine(row)}`), [
    "29473 TCP 127.0.0.1:7001 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "29472 TCP 127.0.0.1:7001 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "1516 TCP 0.0.0.0:2024 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "29486 TCP 127.0.0.1:43157 > 127.0.0.1:60070 CLOSE_WAIT in ? out ? by ?",
    "29493 TCP 192.0.2.2:34742 > 10.255.255.1:9 ESTABLISHED in ? out ? by ?",
    "29479 TCP 127.0.0.1:60066 > 127.0.0.1:43157 ESTABLISHED in ? out ? by ?",
    "null TCP 127.0.0.1:60070 > 127.0.0.1:43157 FIN_WAIT_2 in ? out ? by ?",
    "null TCP 127.0.0.1:60084 > 127.0.0.1:43157 TIME_WAIT in ? out ? by ?",
    "29474 TCP ::1:33609 > :::0 LISTEN in ? out ? by ?",
    "29475 TCP :::7002 > :::0 LISTEN in ? out ? by ?",
    "29482 TCP ::1:33609 > ::1:47560 ESTABLISHED in ? out ? by ?",
    "29484 TCP 127.0.0.1:7002 > 127.0.0.1:41096 ESTABLISHED in ? out ? by ?",
    "29499 TCP 2001:db8::10:443 > 2001:db8::77:51300 ESTABLISHED in ? out ? by ?",
    "29489 UDP 0.0.0.0:44806 > 0.0.0.0:0 UNCONN in ? out ? by ?",
    "29490 UDP 127.0.0.1:55378 > 127.0.0.1:9 ESTABLISHED in ? out ? by ?",
    "29491 UDP :::42777 > :::0 UNCONN in ? out ? by ?",
    "29492 UDP ::1:60267 > ::1:9 ESTABLISHED in ? out ? by ?",
  ]);
});

Deno.test("parseProcNet: warns of rows before any header, since they name no protocol", async () => {
  const text = await listing("proc_net.txt");
  const row = text.split("\n")[1] ?? "";
  const { rows, warnings } = parseProcNet(row);
  assert.deepEqual(rows, []);
  assert.match(
    warnings[0] ?? "",
    /^\/proc\/net: lines that could not be read: 1/,
  );
});
