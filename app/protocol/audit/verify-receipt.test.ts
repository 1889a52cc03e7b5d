import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { fromBase64url, toBase64url, utf8 } from "../../base/bytes.ts";
import { generateSigner, importPublicKey, type Signer, type TrustedKey } from "../jose/keys.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { cachedRangeRoot, consistencyPath, inclusionPath, leafHash, rootOf } from "../merkle/tree.ts";
import { verifyConsistency, verifyInclusion } from "../merkle/verify.ts";
import type { ConsistencyProof, ReceiptClaims } from "./claims.ts";
import { entryLeaf } from "./entry.ts";
import { explainReceipt, type LoggedToken, type ReceiptContext, verifyReceipt } from "./verify-receipt.ts";

const LOG = "spiffe://ops.example/ledger";
const AGENT = "spiffe://ops.example/agent/planner";
const NOW = 1_772_064_100;
const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

interface Keys {
  signer: Signer;
  trusted: TrustedKey;
}
let log: Keys;
let agent: Keys;

async function keysOf(subject: string): Promise<Keys> {
  const { signer, jwk } = await generateSigner("ES256");
  const imported = await importPublicKey(jwk);
  const key = must(imported.ok ? imported.value : null, "a key");
  return { signer, trusted: { kid: signer.kid, subject, alg: key.alg, key: key.key, revokedAt: null } };
}

beforeAll(async () => {
  log = await keysOf(LOG);
  agent = await keysOf(AGENT);
});

/** A log of so many tokens, with what it can prove. */
function createLog(size: number, salt = "") {
  const entries = Array.from({ length: size }, (_, seq) => ({
    seq,
    token: `token-${salt}${seq}`,
    received_at: NOW - 60 + seq,
    submitter: AGENT,
  }));
  const leaves = entries.map((entry) => entryLeaf(entry, sha256));
  const range = cachedRangeRoot(leaves, sha256);
  const root = (at: number): string => toBase64url(rootOf(leaves.slice(0, at), sha256));
  return {
    root,
    token: (seq: number): LoggedToken => ({ token: must(entries[seq], "an entry").token, iat: NOW - 61 + seq }),
    claims: (seq: number, treeSize: number): ReceiptClaims => {
      const entry = must(entries[seq], "an entry");
      return {
        iss: LOG,
        iat: NOW,
        jti: "0195400c-0000-7000-8000-0000000000b1",
        sub_hash: tokenDigest(entry.token, sha256),
        seq,
        received_at: entry.received_at,
        submitter: entry.submitter,
        tree_size: treeSize,
        root: root(treeSize),
        path: inclusionPath(seq, treeSize, range).map(toBase64url),
        vds: 1,
      };
    },
    consistency: (first: number, second: number): ConsistencyProof => ({
      first_size: first,
      second_size: second,
      first_root: root(first),
      second_root: root(second),
      path: consistencyPath(first, second, range).map(toBase64url),
    }),
  };
}

function contextOf(change: Partial<ReceiptContext> = {}): ReceiptContext {
  return {
    nowS: NOW,
    sha256,
    resolveKey: (kid) => [log, agent].map(({ trusted }) => trusted).find((key) => key.kid === kid),
    pinnedHeads: (id) => (id === LOG ? [] : undefined),
    ...change,
  };
}

const sign = (claims: object, by = log): Promise<string> => signToken("audit-receipt+jwt", claims, by.signer);

async function answer(claims: object, logged: LoggedToken, context = contextOf(), by = log): Promise<string> {
  const verified = await verifyReceipt(await sign(claims, by), logged, context);
  return verified.ok ? verified.value.anchored : verified.error.code;
}

describe("V2", () => {
  const seven = createLog(7);

  it("[XA-13] a receipt verifies offline from token, receipt and log key, for every entry and size", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const tree = createLog(size);
        const treeSize = (a % size) + 1;
        const seq = b % treeSize;
        expect(await answer(tree.claims(seq, treeSize), tree.token(seq))).toBe("unanchored");
      }),
      { numRuns: 60 },
    );
  });

  it("a receipt of an unknown key, of another type, and of an agent that is no log is refused", async () => {
    const claims = seven.claims(3, 7);
    const nobody = contextOf({ resolveKey: () => undefined });
    expect(await answer(claims, seven.token(3), nobody)).toBe("token_key_unknown");
    const other = await verifyReceipt(
      await signToken("audit-sth+jwt", claims, log.signer),
      seven.token(3),
      contextOf(),
    );
    expect(other.ok ? "accepted" : other.error.code).toBe("token_wrong_type");
    expect(await answer({ ...claims, iss: AGENT }, seven.token(3), contextOf(), agent)).toBe("receipt_log_unknown");
    expect(await answer(claims, seven.token(3), contextOf(), agent)).toBe("token_issuer_mismatch");
  });

  it("a receipt for another token is refused before its proof is looked at", async () => {
    expect(await answer(seven.claims(3, 7), seven.token(2))).toBe("receipt_subject_mismatch");
  });

  it.each<[string, (claims: ReceiptClaims) => object]>([
    ["another place", (claims) => ({ ...claims, seq: claims.seq + 1 })],
    ["a place outside the tree", (claims) => ({ ...claims, seq: claims.tree_size })],
    ["another time of receipt", (claims) => ({ ...claims, received_at: claims.received_at + 1 })],
    ["another submitter", (claims) => ({ ...claims, submitter: LOG })],
    ["another root", (claims) => ({ ...claims, root: claims.sub_hash })],
    ["a larger tree", (claims) => ({ ...claims, tree_size: claims.tree_size + 9 })],
    ["a path in another order", (claims) => ({ ...claims, path: claims.path.toReversed() })],
    ["a shorter path", (claims) => ({ ...claims, path: claims.path.slice(1) })],
    ["a longer path", (claims) => ({ ...claims, path: [...claims.path, claims.root] })],
    [
      "a hash in a second spelling",
      (claims) => ({ ...claims, path: claims.path.map((hash) => `${hash.slice(0, 42)}_`) }),
    ],
  ])("[XA-S1] a signed receipt with %s proves nothing", async (_what, change) => {
    expect(await answer(change(seven.claims(3, 7)), seven.token(3))).toBe("receipt_proof_invalid");
  });

  it("[XA-S2] [ECT-S7] two roots over one size are a split view, as soon as both are in hand", async () => {
    const forked = createLog(7, "other-");
    const pins = contextOf({ pinnedHeads: () => [{ size: 7, root: forked.root(7) }] });
    expect(await answer(seven.claims(3, 7), seven.token(3), pins)).toBe("log_split_view");
    const same = contextOf({ pinnedHeads: () => [{ size: 7, root: seven.root(7) }] });
    expect(await answer(seven.claims(3, 7), seven.token(3), same)).toBe("pinned");
  });

  it("[XA-12] [INV-4] another size is consistent by proof, unanchored without one, inconsistent by a wrong one", async () => {
    for (const size of [1, 2, 4, 5]) {
      const pin = { pinnedHeads: () => [{ size, root: seven.root(size) }] };
      const proven = contextOf({ ...pin, consistency: (_log, first, second) => seven.consistency(first, second) });
      expect(await answer(seven.claims(3, 7), seven.token(3), proven)).toBe("consistent");
      expect(await answer(seven.claims(3, 7), seven.token(3), contextOf(pin))).toBe("unanchored");
      const late = contextOf({
        pinnedHeads: () => [{ size: 7, root: seven.root(7) }],
        consistency: (_log, first, second) => seven.consistency(first, second),
      });
      expect(await answer(seven.claims(0, size), seven.token(0), late)).toBe("consistent");
    }
    const forked = createLog(7, "other-");
    const wrong = contextOf({
      pinnedHeads: () => [{ size: 4, root: forked.root(4) }],
      consistency: (_log, first, second) => seven.consistency(first, second),
    });
    expect(await answer(seven.claims(3, 7), seven.token(3), wrong)).toBe("log_inconsistent");
  });

  it("a proof between other sizes, and a pin of the empty tree, tie nothing", async () => {
    const other = contextOf({
      pinnedHeads: () => [{ size: 4, root: seven.root(4) }],
      consistency: () => seven.consistency(2, 7),
    });
    expect(await answer(seven.claims(3, 7), seven.token(3), other)).toBe("unanchored");
    const empty = contextOf({
      pinnedHeads: () => [{ size: 0, root: seven.root(0) }],
      consistency: (_log, first, second) => seven.consistency(first, second),
    });
    expect(await answer(seven.claims(3, 7), seven.token(3), empty)).toBe("unanchored");
  });

  it("[XA-12] a proof that states other roots than those in hand is a contradiction, even where its path fits", async () => {
    for (const change of [{ first_root: seven.root(3) }, { second_root: seven.root(3) }]) {
      const context = contextOf({
        pinnedHeads: () => [{ size: 4, root: seven.root(4) }],
        consistency: (_log, first, second) => ({ ...seven.consistency(first, second), ...change }),
      });
      expect(await answer(seven.claims(3, 7), seven.token(3), context)).toBe("log_inconsistent");
    }
  });

  it("one disagreeing pin refuses, whatever the others say", async () => {
    const forked = createLog(7, "other-");
    const context = contextOf({
      pinnedHeads: () => [
        { size: 7, root: seven.root(7) },
        { size: 4, root: forked.root(4) },
      ],
      consistency: (_log, first, second) => seven.consistency(first, second),
    });
    expect(await answer(seven.claims(3, 7), seven.token(3), context)).toBe("log_inconsistent");
  });

  it("times of receipt lie between the token and the receipt, half a minute either way", async () => {
    const claims = seven.claims(3, 7);
    const at = (iat: number): LoggedToken => ({ ...seven.token(3), iat });
    expect(await answer(claims, at(claims.received_at + 30))).toBe("unanchored");
    expect(await answer(claims, at(claims.received_at + 31))).toBe("receipt_time_implausible");
    expect(await answer({ ...claims, iat: claims.received_at - 30 }, seven.token(3))).toBe("unanchored");
    expect(await answer({ ...claims, iat: claims.received_at - 31 }, seven.token(3))).toBe("receipt_time_implausible");
  });

  it("[INV-4] tells its steps: what comes after a failed one is not reached", async () => {
    const steps = await explainReceipt(await sign(seven.claims(3, 7)), seven.token(2), contextOf());
    expect(steps.map(({ step, result }) => `${step} ${result}`)).toEqual([
      "1 passed",
      "2 passed",
      "3 failed",
      "4 not_reached",
      "5 not_reached",
      "6 not_reached",
    ]);
  });

  it("[ECT-S1] [XA-S1] no receipt with one changed character is accepted", async () => {
    const receipt = await sign(seven.claims(3, 7));
    await fc.assert(
      fc.asyncProperty(fc.nat(receipt.length - 1), fc.integer({ min: 33, max: 126 }), async (at, code) => {
        const changed = receipt.slice(0, at) + String.fromCharCode(code) + receipt.slice(at + 1);
        if (changed === receipt) return;
        expect((await verifyReceipt(changed, seven.token(3), contextOf())).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the values of execution-audit.md", () => {
  const bytes = (text: string): Uint8Array => must(fromBase64url(text), "base64url");
  const leaves = [
    "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX_4HU",
    "6GiBGkgsJ9ULbUXd55xGXWrbmwZkUQBHepDPPYUYiYs",
    "BJ19zbVrz-vTEzBMmDnxlqPUtu873AsIKY-TrIGR8Kg",
  ];
  const root2 = "LyelCCwdQq-kiKw1Cp_EOQwIT1T3Hs3_hZ6Y24QptHk";
  const root3 = "pkvybgkSj2_i_m-LLYyAHhZrV8BHp82bK4Ceepai8cs";

  it("[INV-5] [XA-S4] the leaves and roots are those of the three texts", () => {
    const hashes = leaves.map((_, index) => must(leafHash(utf8(`entry-${index}`), sha256), "a leaf"));
    expect(hashes.map(toBase64url)).toEqual(leaves);
    expect([2, 3].map((size) => toBase64url(rootOf(hashes.slice(0, size), sha256)))).toEqual([root2, root3]);
  });

  it("[INV-5] its inclusion paths verify, and the one in another order does not", () => {
    const included = (index: number, path: string[]): boolean =>
      verifyInclusion(
        { index, size: 3, leaf: bytes(leaves[index] ?? ""), path: path.map(bytes), root: bytes(root3) },
        sha256,
      );
    const [leaf0 = "", , leaf2 = ""] = leaves;
    expect([included(1, [leaf0, leaf2]), included(2, [root2]), included(1, [leaf2, leaf0])]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("[INV-5] its consistency paths verify", () => {
    const consistent = (size1: number, from: string, path: string[]): boolean =>
      verifyConsistency({ size1, size2: 3, root1: bytes(from), root2: bytes(root3), path: path.map(bytes) }, sha256);
    const [leaf0 = "", leaf1 = "", leaf2 = ""] = leaves;
    expect([consistent(2, root2, [leaf2]), consistent(1, leaf0, [leaf1, leaf2])]).toEqual([true, true]);
  });
});
