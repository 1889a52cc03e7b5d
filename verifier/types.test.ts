import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { KNOWN_TYPS, tokenTypeOf } from "../app/protocol/token-types.ts";

it("[XA-35] the types the second verifier takes for addressed and ending are just that", () => {
  const script = readFileSync(join(import.meta.dirname, "verify_pack.py"), "utf8");
  const listed = [...(/^ADDRESSED = \{(.*?)^\}/ms.exec(script)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(
    ([, typ = ""]) => typ,
  );
  expect(listed.length).toBeGreaterThan(10);
  const both = (typ: string): boolean => {
    const type = tokenTypeOf(typ);
    return type?.audience === "required" && type.expiry === "required";
  };
  expect(listed.filter((typ) => !both(typ))).toEqual([]);
  // A type that is left out is checked for less there.
  expect(KNOWN_TYPS.filter((typ) => both(typ) && !listed.includes(typ))).toEqual([]);
});
