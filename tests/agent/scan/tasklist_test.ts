import assert from "node:assert/strict";
import { parseTasklist } from "@/agent/scan/tasklist.ts";

Deno.test("parseTasklist: reads names and ids whatever the memory column looks like", () => {
  const names = parseTasklist(
    [
      '"System Idle Process","0","Services","0","8 K"',
      '"svchost.exe","1060","Services","0","12,345 K"',
      '"chrome.exe","14288","Console","1","236\u202f812 Ko"',
      '"zählerdienst.exe","1234","Dienste","0","9.876 K"',
      '"obs64.exe","5678","Console","1","180\u00a0000 КБ"',
      '"odd, ""name"".exe","77","Console","1","1 K"',
      "",
    ].join("\r\n"),
  );
  assert.deepEqual([...names], [
    [0, "System Idle Process"],
    [1060, "svchost.exe"],
    [14288, "chrome.exe"],
    [1234, "zählerdienst.exe"],
    [5678, "obs64.exe"],
    [77, 'odd, "name".exe'],
  ]);
});

Deno.test("parseTasklist: leaves out messages and broken lines", () => {
  const text =
    '\ufeffINFO: No tasks are running\r\n"cut.exe","12\r\n"","13","x"\r\n"x.exe","a","y"\r\n';
  assert.equal(parseTasklist(text).size, 0);
});
