import { must } from "../app/base/assert.ts";
import type { RealPacks } from "./corpus.fixture.ts";
import { claimsOf, headerOf, openPack, relisted, resealed, type Tampered } from "./tampered.fixture.ts";

/** Claims that tokens of every type have: what is wrong with them is not what these cases are about. */
const COMMON: ReadonlySet<string> = new Set(["iss", "aud", "iat", "exp", "jti", "sub"]);

/**
 * The exporting host signs itself what nobody had said, leaves and seal made anew: a claim of the token's own type is
 * missing or of another kind, the type is none, or the token would live too long.
 */
export async function tamperedClaims(packs: RealPacks): Promise<Tampered[]> {
  const { whole, signAsLog } = packs;
  const cases: Tampered[] = [];
  const put = async (at: number, name: string, typ: string, claims: object, code: string): Promise<void> => {
    const token = await signAsLog(typ, claims);
    const entries = whole.entries.map((entry, here) => (here === at ? { ...entry, token } : entry));
    const pack = await resealed(relisted({ ...openPack(whole), entries }), packs);
    cases.push({ name: `claims, entry ${at}: ${name}`, text: JSON.stringify(pack), place: `entries.${at}`, code });
  };
  const seen = new Set<string>();
  for (const [at, { token }] of whole.entries.entries()) {
    const typ = String(headerOf(token).typ);
    if (at === 0 || seen.has(typ)) continue;
    seen.add(typ);
    const claims = claimsOf(token);
    const own = Object.keys(claims).filter((name) => !COMMON.has(name));
    const required = must(
      own.find((name) => REQUIRED[typ]?.includes(name)),
      `a claim that ${typ} cannot be without`,
    );
    const without = Object.fromEntries(Object.entries(claims).filter(([name]) => name !== required));
    await put(at, `a ${typ} without ${required}`, typ, without, "token_claim_invalid");
    await put(
      at,
      `a ${typ} whose ${required} is of another kind`,
      typ,
      { ...claims, [required]: 7.5 },
      "token_claim_invalid",
    );
  }
  const at = whole.entries.findIndex(({ token }, here) => here > 0 && headerOf(token).typ === "wit+jwt");
  const identity = claimsOf(must(whole.entries[at], "an identity").token);
  await put(at, "a type that is none", "strange+jwt", identity, "token_wrong_type");
  const long = { ...identity, exp: Number(identity.iat) + 40_000_000 };
  await put(at, "an identity for too long", "wit+jwt", long, "token_lifetime_invalid");
  return cases;
}

/** By type, a claim of its own that it cannot be without. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "wit+jwt": ["cnf"],
  "role-statement+jwt": ["roles"],
  "acp+jwt": ["dag"],
  "exec+jwt": ["exec_act"],
  "intent+jwt": ["task"],
  "record+jwt": ["kind"],
  "hitl-request+jwt": ["task"],
  "hitl-decision+jwt": ["bind"],
  "override+jwt": ["scope"],
  "override-ack+jwt": ["signal"],
  "override-compliance+jwt": ["verdict"],
  "exec-audit+jwt": ["outcome"],
  "usage-record+jwt": ["items"],
  "evidence-request+jwt": ["selection"],
};
