import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { KNOWN_TYPS, tokenTypeOf } from "../app/protocol/token-types.ts";
import { type ClaimsCase, casesOf } from "./claims-cases.fixture.ts";
import { claimsSchemaText } from "./claims-schema.fixture.ts";

it("[XA-35] the schemas of claims that the second verifier reads are those of the protocol: `vitest -u` writes them anew", async () => {
  await expect(claimsSchemaText()).toMatchFileSnapshot("claims.jsonl");
});

it("[XA-35] both verifiers take and refuse the same claims, of every type, missing, of a wrong kind, or not fitting each other", () => {
  const schemas = claimsSchemaText()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { typ: string; claims: unknown }); // written by ours
  const cases = [...schemas.flatMap(({ typ, claims }) => [...casesOf(typ, claims)]), ...earlierNames()];
  const own = cases.map(({ typ, claims }) => tokenTypeOf(typ)?.schema.safeParse(claims).success === true);
  // Both kinds are asked about: something of every type is taken, and something refused.
  for (const typ of KNOWN_TYPS)
    expect([typ, new Set(own.filter((_, at) => cases[at]?.typ === typ)).size]).toEqual([typ, 2]);
  const folder = mkdtempSync(join(tmpdir(), "signalbox-claims-"));
  const file = join(folder, "cases.jsonl");
  writeFileSync(file, cases.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const script = join(import.meta.dirname, "verify_pack.py");
  const said = execFileSync("python3", [script, "--claims", file], { encoding: "utf8", maxBuffer: 1 << 28 });
  rmSync(folder, { recursive: true });
  const theirs = said
    .trimEnd()
    .split("\n")
    .map((line) => line === "true");
  expect(theirs).toHaveLength(cases.length);
  const apart = cases.filter((_, at) => own[at] !== theirs[at]);
  expect(apart.slice(0, 5)).toEqual([]);
}, 60_000);

/** Claims of an execution token under the names of -00, which mean something in the legacy type only (ECT-21). */
function earlierNames(): ClaimsCase[] {
  const jti = "0195400c-0000-7000-8000-000000000001";
  const base = { iss: "spiffe://a.example/x", aud: "spiffe://b.example/x", iat: 1, exp: 2, jti, exec_act: "act" };
  const before = "0195400c-0000-7000-8000-000000000002";
  const said: readonly object[] = [
    { par: [before] },
    { par: [jti] },
    { par: [before], pred: [before] },
    { pred: [before], ext: { a: 1 }, ect_ext: {} },
    { par: [], ext: { a: 1 }, pol: "p", pol_decision: "allow" },
    { par: [], ext: { pol: "q" }, pol: "p" },
    { par: [], ext: { pol: "p" }, pol: "p" },
    { par: [], ext: [], pol: "p" },
    { pred: [], pol: {} },
  ];
  return ["exec+jwt", "wimse-exec+jwt"].flatMap((typ) => said.map((one) => ({ typ, claims: { ...base, ...one } })));
}
