import assert from "node:assert/strict";
import fc from "fast-check";
import { compareTexts, sortText } from "@/lib/fleet/sort_text.ts";

const collator = new Intl.Collator("en", { numeric: true });

const TEXTS: Record<string, fc.Arbitrary<string>> = {
  "of printable ASCII": fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
  "of numbers and few letters": fc.string({
    unit: fc.constantFrom(..."abAB019-_. :"),
    maxLength: 8,
  }),
  "of any characters": fc.string({
    unit: fc.constantFrom(..."aA0-", "ä", "a\u0308", "ß", "計", "\n", "٣"),
    maxLength: 6,
  }),
};

for (const [what, text] of Object.entries(TEXTS)) {
  Deno.test(`compareTexts: is the collator's order of texts ${what}`, () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(
          compareTexts(sortText(a), sortText(b)),
          Math.sign(collator.compare(a, b)),
        );
      }),
      { numRuns: 2_000 },
    );
  });
}

Deno.test("compareTexts: is the collator's order of long numbers and long texts", () => {
  const texts = [10, 100, 128, 199, 200, 201, 300].flatMap((length) =>
    ["1", "9", "0", "a"].map((one) => one.repeat(length))
  );
  for (const a of texts) {
    for (const b of texts) {
      assert.equal(
        compareTexts(sortText(a), sortText(b)),
        Math.sign(collator.compare(a, b)),
        `${a} ${b}`,
      );
    }
  }
});
