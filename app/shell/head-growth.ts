import type { SignalboxClient } from "../api/client/client.ts";
import { fromBase64url } from "../base/bytes.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { verifyConsistency } from "../protocol/merkle/verify.ts";
import type { HeadWatch, PinnedHead } from "./pinned-head.ts";

interface Position {
  readonly domain: string;
  readonly size: number;
}

/**
 * XA-12: a log that is longer than when it was last seen has to prove that it grew out of that. Asked once when the page
 * begins; a proof that cannot be had now says nothing either way.
 */
export async function checkGrowth(
  client: SignalboxClient,
  heads: Pick<HeadWatch, "contradict">,
  before: PinnedHead,
  now: Position,
): Promise<void> {
  // Every log begins with the empty one, and a shorter log is told without a proof.
  if (before.size === 0 || now.size <= before.size) return;
  const grown = await client.anchors.growth({ from: before.size }).catch(() => null);
  if (grown === null) return;
  const { size, root } = grown;
  const [root1, root2, ...path] = [before.root, root, ...grown.path].map(
    (digest) => fromBase64url(digest) ?? new Uint8Array(),
  );
  const grew =
    root1 !== undefined &&
    root2 !== undefined &&
    verifyConsistency({ size1: before.size, size2: size, root1, root2, path }, await createSha256());
  if (!grew) heads.contradict(now.domain, { kind: "rewritten", seen: before, size, root });
}
