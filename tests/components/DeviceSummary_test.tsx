import assert from "node:assert/strict";
import { DeviceFacts, DeviceTotals } from "@/components/DeviceSummary.tsx";
import { render, textOf } from "@/tests/components/rendering.tsx";
import { deviceView } from "@/tests/components/views.ts";

Deno.test("DeviceFacts: says unknown where the agent did not tell", () => {
  const device = deviceView({ os: null, agentVersion: null });
  assert.equal(
    textOf(render(<DeviceFacts device={device} />)),
    "Owner alice Last seen 25 s ago Reports every 10 s OS unknown " +
      "Agent version unknown Registered 1 d ago",
  );
});

Deno.test("DeviceTotals: unknown bytes are not 0 bytes", () => {
  const html = render(
    <DeviceTotals
      stats={{
        totalConnections: 1200,
        bytesIn: null,
        bytesOut: 0,
        uniqueDestIps: 7,
      }}
    />,
  );
  assert.equal(
    textOf(html),
    "Total connections 1,200 Bytes in unknown Bytes out 0 B " +
      "Unique destination IPs 7",
  );
});

Deno.test("DeviceTotals: shows no figure before there is one", () => {
  const text = textOf(render(<DeviceTotals stats={null} />));
  assert.equal(text.match(/– loading/g)?.length, 4);
});
