import { createTokenWalk } from "../audit/token-walk.ts";
import { parseCompact } from "../jose/compact.ts";
import { type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { MANIFEST_MEMBERS, PACK_SEAL_TYPE } from "./claims.ts";
import { digestOf, type Found, type PackWalk } from "./pack-walk.ts";

/**
 * V4 steps 1 and 2: the log's own identity, which is its first entry, and under its key the seal over every member of the
 * manifest. From here on the manifest is what the log has signed.
 */
export async function checkSeal(walk: PackWalk): Promise<Found | null> {
  return (await checkFirst(walk)) ?? (await checkSealToken(walk));
}

async function checkFirst(walk: PackWalk): Promise<Found | null> {
  const { pack, sha256, options } = walk;
  const [first] = pack.entries;
  const bad = (code: string, detail: string): Found => ({
    ...{ seq: 0, code, detail, place: "entries.0", question: "authentic" },
  });
  if (first === undefined || first.seq !== 0)
    return { ...bad("log_gap", "the log's first entry, which brings its key, is not there"), question: "complete" };
  const parsed = parseCompact(first.token);
  const { kid, sub } = parsed.ok
    ? { kid: parsed.value.header.kid ?? "", sub: parsed.value.payload.sub }
    : { kid: "", sub: "" };
  // Under the name it gives itself: whether that is the log the manifest is about, the seal tells.
  const alone = createTokenWalk({ logId: String(sub), ownIds: [], sha256 });
  let found: Found | null = null;
  await alone.take([first], async (_entry, token) => {
    const refused = await token();
    if (refused !== null) found = bad(refused.code, refused.detail);
    return false;
  });
  if (found !== null) return found;
  const key = alone.key(kid);
  if (key === undefined) return bad("token_key_unknown", "the first entry brings no key of the log");
  if (options.logKey !== undefined && options.logKey !== key.kid)
    return bad("receipt_log_unknown", "the log's key is not the one you know");
  walk.logKey = key;
  return null;
}

async function checkSealToken(walk: PackWalk): Promise<Found | null> {
  const { pack, sha256, logKey } = walk;
  const context: VerifyContext = {
    nowS: Number.MAX_SAFE_INTEGER / 2,
    ownIds: [],
    resolveKey: (kid) => (logKey?.kid === kid ? logKey : undefined),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256,
  };
  const seal = await verifyToken(PACK_SEAL_TYPE, pack.seal, context);
  const at = { seq: 0, question: "authentic" } as const;
  if (!seal.ok) return { ...at, code: seal.error.code, detail: `the seal: ${seal.error.detail}`, place: "seal" };
  for (const member of MANIFEST_MEMBERS) {
    if (digestOf(pack.manifest[member], sha256) === seal.value.claims.manifest[member]) continue;
    const detail = `the manifest's ${member} is not what the log has sealed`;
    return { ...at, code: "pack_manifest_mismatch", detail, place: `manifest.${member}` };
  }
  return null;
}
