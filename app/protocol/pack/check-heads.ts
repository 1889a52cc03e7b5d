import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { SthClaims } from "../audit/claims.ts";
import { STH_TYPE } from "../audit/tree-head.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { appendLeaves, EMPTY_ROOT, frontierRoot } from "../merkle/tree.ts";
import { verifyConsistency } from "../merkle/verify.ts";
import { bytesOf, type Found, type PackWalk } from "./pack-walk.ts";

type Head = Pick<SthClaims, "tree_size" | "root" | "iat">;
const START: Head = { tree_size: 0, root: toBase64url(EMPTY_ROOT), iat: 0 };

/** V4 step 4: every head is the log's, follows the one before it, and is over these entries; the last is over all of them. */
export async function checkHeads(walk: PackWalk): Promise<Found | null> {
  const { pack, sha256, options, logKey } = walk;
  const { manifest, heads } = pack;
  const seq = Math.max(0, walk.notes.length - 1);
  const bad = (
    at: number | string,
    code: string,
    detail: string,
    question: Found["question"] = "consistent",
  ): Found => ({
    ...{ seq, code, detail, question },
    place: typeof at === "number" ? `heads.${at}` : at,
  });
  const rootAt = manifest.selection.kind === "all" ? growingRoot(walk) : null;
  const context: VerifyContext = {
    nowS: Number.MAX_SAFE_INTEGER / 2,
    ownIds: [],
    resolveKey: (kid) => (logKey?.kid === kid ? logKey : undefined),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256,
  };
  let before = START;
  for (const [at, compact] of heads.entries()) {
    const verified = await verifyToken(STH_TYPE, compact, context);
    if (!verified.ok) return bad(at, verified.error.code, `head ${at}: ${verified.error.detail}`);
    const { claims } = verified.value;
    if (claims.prev_size !== before.tree_size || claims.prev_root !== before.root)
      return bad(
        at,
        "log_incomplete",
        `head ${at} does not follow the one before it: one is missing or out of its place`,
      );
    if (claims.tree_size <= before.tree_size)
      return bad(at, "log_inconsistent", `head ${at} is over no more entries than the one before it`);
    if (claims.iat < before.iat)
      return bad(at, "log_time_order", `head ${at} is older than the one before it`, "plausible");
    if (claims.tree_size > manifest.tree_size)
      return bad(at, "log_truncated", `head ${at} is over ${claims.tree_size} entries`, "complete");
    if (rootAt !== null && rootAt(claims.tree_size) !== claims.root)
      return bad(at, "log_root_mismatch", `the entries do not give the root that was signed over ${claims.tree_size}`);
    if (tokenDigest(compact, sha256) !== manifest.heads[at])
      return bad(at, "pack_part_mismatch", `head ${at} is not the one the manifest lists`);
    const pin = options.pinned;
    if (pin?.size === claims.tree_size && pin.root !== claims.root)
      return bad(at, "log_split_view", `the root over ${pin.size} entries is not the one you remember`);
    before = claims;
  }
  if (heads.length !== manifest.heads.length)
    return bad(heads.length, "log_incomplete", `the manifest lists ${manifest.heads.length} heads`);
  if (before.tree_size !== manifest.tree_size)
    return bad("manifest.tree_size", "log_truncated", `the last head is over ${before.tree_size} entries`, "complete");
  if (before.root !== manifest.root)
    return bad("manifest.root", "log_root_mismatch", "the root is not the one of the last head", "included");
  return checkPinned(walk, rootAt, bad);
}

/** A head the reader remembers, where no head of the pack is over as many entries. */
function checkPinned(
  { pack, options }: PackWalk,
  rootAt: ((size: number) => string) | null,
  bad: (at: string, code: string, detail: string, question?: Found["question"]) => Found,
): Found | null {
  const pin = options.pinned;
  const size = pack.manifest.tree_size;
  if (pin === undefined) return null;
  if (pin.size > size)
    return bad(
      "manifest.tree_size",
      "log_truncated",
      `you remember ${pin.size} entries; this is of ${size}`,
      "complete",
    );
  // Every signed head is here: one that is remembered and not among them was signed over another history, or never.
  if (rootAt === null && pin.size > 0 && !pack.heads.some((head) => headOf(head).size === pin.size))
    return bad("manifest.heads", "log_incomplete", `no head here is over the ${pin.size} entries that you remember`);
  if (rootAt === null || rootAt(pin.size) === pin.root) return null;
  return bad("manifest.root", "log_split_view", `the root over ${pin.size} entries is not the one you remember`);
}

/** The root of the first so many entries of a whole log. */
export function growingRoot({ pack, sha256 }: PackWalk): (size: number) => string {
  const leaves = bytesOf(pack.manifest.leaves) ?? [];
  let frontier: Uint8Array[] = [];
  let size = 0;
  return (wanted) => {
    if (wanted < size) {
      frontier = [];
      size = 0;
    }
    frontier = appendLeaves(frontier, size, leaves.slice(size, wanted), sha256);
    size = Math.min(wanted, leaves.length);
    return toBase64url(frontierRoot(frontier, size, sha256));
  };
}

/** V4 step 5: between each head and the next the proof that the log only grew. */
export function checkProofs(walk: PackWalk): Found | null {
  const { pack, sha256 } = walk;
  const sizes = pack.heads.map((compact) => headOf(compact));
  const seq = Math.max(0, walk.notes.length - 1);
  const bad = (at: number, code: string, detail: string): Found => ({
    ...{ seq, code, detail, place: `proofs.${at}`, question: "consistent" },
  });
  for (const [at, proof] of pack.proofs.entries()) {
    const [first, second] = [sizes[at], sizes[at + 1]];
    if (first === undefined || second === undefined)
      return bad(at, "pack_part_mismatch", "there is no such pair of heads");
    const same =
      proof.first_size === first.size &&
      proof.second_size === second.size &&
      proof.first_root === first.root &&
      proof.second_root === second.root;
    if (!same) return bad(at, "log_incomplete", `proof ${at} is not about heads ${at} and ${at + 1}`);
    if (!growsInto(first, second, proof.path, sha256))
      return bad(at, "log_inconsistent", `head ${at + 1} did not grow out of head ${at}`);
  }
  const due = Math.max(0, sizes.length - 1);
  return pack.proofs.length === due ? null : bad(pack.proofs.length, "log_incomplete", `${due} proofs are due`);
}

export interface Sized {
  readonly size: number;
  readonly root: string;
}

/** Size and root of a head that was verified before. */
export function headOf(compact: string): Sized {
  const payload = fromBase64url(compact.split(".")[1] ?? "") ?? new Uint8Array();
  const claims = STH_TYPE.schema.parse(JSON.parse(new TextDecoder().decode(payload)));
  return { size: claims.tree_size, root: claims.root };
}

function growsInto(first: Sized, second: Sized, digests: readonly string[], sha256: PackWalk["sha256"]): boolean {
  const [root1, root2, ...path] = bytesOf([first.root, second.root, ...digests]) ?? [];
  return (
    root1 !== undefined &&
    root2 !== undefined &&
    verifyConsistency({ size1: first.size, size2: second.size, root1, root2, path }, sha256)
  );
}
