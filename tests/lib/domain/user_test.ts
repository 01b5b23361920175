import assert from "node:assert/strict";
import { foldName, viewerOf } from "@/lib/domain/user.ts";

/** Every character that Unicode can have. */
function* characters(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) {
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    if (!isSurrogate) yield String.fromCodePoint(code);
  }
}

Deno.test("viewerOf: lets an administrator see all and others their own", () => {
  assert.deepEqual(viewerOf({ id: "a", role: "administrator" }), {
    userId: "a",
    seesAll: true,
  });
  assert.deepEqual(viewerOf({ id: "b", role: "user" }), {
    userId: "b",
    seesAll: false,
  });
});

Deno.test("foldName: makes names equal that differ in case or notation alone", () => {
  const equal = [
    ["alice", "ALICE"],
    ["Zoë", "ZOE\u0308"],
    ["счётчик", "СЧЁТЧИК"],
    ["οδος", "ΟΔΟΣ"],
    ["οδοσ", "ΟΔΟΣ"],
    ["straße", "STRASSE"],
    ["ﬁeld", "FIELD"],
    ["ｍｅｔｅｒ", "meter"],
    ["alice@example.org", "Alice@Example.ORG"],
  ];
  for (const [a = "", b = ""] of equal) {
    assert.equal(foldName(a), foldName(b), `${a} ${b}`);
  }
});

Deno.test("foldName: keeps names apart that differ in more", () => {
  const names = ["alice", "al1ce", "alicé", "alice ", "alice.", "аlice"];
  assert.equal(new Set(names.map(foldName)).size, names.length);
});

Deno.test("foldName: comes to the same from any case of any character", () => {
  for (const character of characters()) {
    const folded = foldName(character);
    const code = character.codePointAt(0)?.toString(16);
    if (foldName(character.toUpperCase()) !== folded) {
      assert.fail(`upper ${code}`);
    }
    if (foldName(character.toLowerCase()) !== folded) {
      assert.fail(`lower ${code}`);
    }
    if (foldName(folded) !== folded) assert.fail(`folded ${code}`);
  }
});
