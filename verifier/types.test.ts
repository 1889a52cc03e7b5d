import { execFileSync } from "node:child_process";
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

it("[XA-35] both verifiers find the same ids used twice, whatever types the tokens are of", () => {
  const tokens = KNOWN_TYPS.flatMap((typ) =>
    ["a", "b"].flatMap((iss) => ["v", "w"].map((wid) => ({ typ, payload: { iss, wid, jti: "j" } }))),
  );
  const code = [
    "import json, sys, types",
    "sys.path.insert(0, sys.argv[1])",
    "from verify_pack import replay_scope",
    "said = [replay_scope(types.SimpleNamespace(**one)) for one in json.load(sys.stdin)]",
    "print(json.dumps([None if one is None else said.index(one) for one in said]))",
  ].join("\n");
  const input = JSON.stringify(tokens);
  const theirs: unknown = JSON.parse(
    execFileSync("python3", ["-B", "-c", code, import.meta.dirname], { encoding: "utf8", input }),
  );
  const scopes = tokens.map(({ typ, payload }) => tokenTypeOf(typ)?.replayScope(payload) ?? null);
  expect(theirs).toEqual(scopes.map((scope) => (scope === null ? null : scopes.indexOf(scope))));
});
