import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { sha256, taskId } from "../ect/ect.fixture.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { EXAMPLE_AUDIT, GATEWAY, LEDGER, partyOf } from "./audit.fixture.ts";
import { contentHash, verifyTrail } from "./audit-trail.ts";
import { joinSd, sealClaims } from "./disclosure.ts";
import { AUDIT_TRAIL_TYP, type AuditTrailClaims, type TrailContent } from "./trail-claims.ts";

const NOW = 2_000_000_000;
const ASKER = "spiffe://console.example/human/ada";
const QUERY_HASH = tokenDigest("a.b.c", sha256);
const HASH = "A".repeat(43);

async function answered() {
  const gateway = await partyOf(GATEWAY);
  const sealed = await sealClaims(
    { ...EXAMPLE_AUDIT, iss: GATEWAY, out_hash: HASH, inp_hash: HASH },
    ["out_hash", "inp_hash"],
    {
      sha256,
    },
  );
  const { claims: left, disclosures } = must(sealed.ok ? sealed.value : null, "sealed");
  const token = await signToken("exec-audit+jwt", left, gateway.signer);
  const [inp] = disclosures.filter(({ name }) => name === "inp_hash");
  const content: TrailContent = {
    entries: [joinSd(token, [must(inp, "it was hidden").encoded])],
    gaps: [],
    external: [],
  };
  const claims: AuditTrailClaims = {
    ...{ iss: GATEWAY, aud: [ASKER], iat: NOW, exp: NOW + 300, jti: taskId(0xa2), domain: "ops.example" },
    ...{ query_hash: QUERY_HASH, content_hash: contentHash(content, sha256), entries_count: 1 },
    ...{ redacted: { audience: 1, erased: 0, transfer_forbidden: 0 }, rounded: false, complete: true },
  };
  const send = async (change: Partial<AuditTrailClaims> = {}, sent: TrailContent = content) => ({
    token: await signToken(AUDIT_TRAIL_TYP, { ...claims, ...change }, gateway.signer),
    content: sent,
  });
  const question = { queryHash: QUERY_HASH, domain: "ops.example", gatewayId: GATEWAY, logId: LEDGER };
  const context = {
    ...{ nowS: NOW, ownIds: [ASKER], sha256, seen: () => false },
    resolveKey: (kid: string) => (kid === gateway.signer.kid ? gateway.trusted : undefined),
  };
  const read = async (sent: Awaited<ReturnType<typeof send>>) => verifyTrail(sent, question, context);
  return { gateway, content, send, read, token, disclosures };
}

describe("an answer of another domain's gateway", () => {
  it("[XDA-3] [XDA-7] verifies with every entry in it, and shows what was disclosed and how much was not", async () => {
    const { send, read } = await answered();
    expect(await read(await send())).toMatchObject({
      ok: true,
      value: { entries: [{ claims: { inp_hash: HASH }, disclosed: ["inp_hash"], hidden: 1 }] },
    });
  });

  it.each([
    ["trail_query_mismatch", { query_hash: HASH }],
    ["trail_wrong_domain", { domain: "partner.example" }],
    ["trail_content_mismatch", { content_hash: HASH }],
    ["trail_content_mismatch", { entries_count: 2 }],
    ["token_audience_mismatch", { aud: ["spiffe://console.example/human/bob"] }],
    ["token_expired", { iat: NOW - 700, exp: NOW - 100 }],
  ])("[XDA-6] [XDA-7] is refused as %s", async (code, change) => {
    const { send, read } = await answered();
    expect(await read(await send(change))).toMatchObject({ ok: false, error: { code } });
  });

  it("[XDA-6] is refused where an entry, a disclosure or a gap was taken away or put in after it was signed", async () => {
    const { send, read, content, token, disclosures } = await answered();
    for (const changed of [
      { ...content, entries: [] },
      { ...content, entries: [`${token}~`] },
      {
        ...content,
        entries: [
          joinSd(
            token,
            disclosures.map(({ encoded }) => encoded),
          ),
        ],
      },
      { ...content, gaps: [{ after: taskId(1), reason: "crossing_dangling" as const }] },
    ])
      expect(await read(await send({}, changed))).toMatchObject({
        ok: false,
        error: { code: "trail_content_mismatch" },
      });
  });

  it("[XDA-6] is refused where its gateway signed an answer with an entry that nobody signed, or a foreign disclosure", async () => {
    const { send, read, content, token, disclosures } = await answered();
    const forged = { ...content, entries: [`${token.slice(0, -8)}AAAAAAAA~`] };
    expect(await read(await send({ content_hash: contentHash(forged, sha256) }, forged))).toMatchObject({
      ok: false,
      error: { code: "token_signature_invalid" },
    });
    const twice = {
      ...content,
      entries: [
        joinSd(
          token,
          [disclosures[0], disclosures[0]].map((one) => one?.encoded ?? ""),
        ),
      ],
    };
    expect(await read(await send({ content_hash: contentHash(twice, sha256) }, twice))).toMatchObject({
      ok: false,
      error: { code: "sd_duplicate" },
    });
  });
});
