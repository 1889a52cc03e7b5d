import * as z from "zod";
import { concatBytes, toBase64url } from "../base/bytes.ts";
import type { Ids } from "../base/ports.ts";
import { turn } from "../base/turn.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../protocol/jose/formats.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { TokenType } from "../protocol/jose/token-type.ts";
import { type OwnKey, verifyOwn } from "./own-signature.ts";
import type { LogHead, Snapshot } from "./ports.ts";
import type { HostIds } from "./records.ts";
import { decodeState, encodeState } from "./snapshot-codec.ts";
import { STATE_VERSION, type State } from "./state.ts";

const snapshotClaimsSchema = z.object({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  tree_size: z.int().positive(),
  root: digestSchema,
  state_version: z.int().nonnegative(),
  /** SHA-256 of the snapshot's bytes. */
  state_hash: digestSchema,
});

/** `snapshot+jwt` [ours]: the log's word that folding its first `tree_size` entries gives these bytes. */
const SNAPSHOT_TYPE: TokenType<z.infer<typeof snapshotClaimsSchema>> = {
  typ: ["snapshot+jwt"],
  schema: snapshotClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: () => null,
};

/** Everything the engine needs to go on from where the snapshot was taken. */
export interface SnapshotContent {
  readonly state: State;
  readonly head: LogHead;
  readonly lastAt: number;
}

/**
 * Writes a state down and signs it. The state must hold still until this has ended; other work of the thread, a stop
 * above all, runs between its pieces, and the digest is made on another thread.
 */
export async function takeSnapshot(
  ports: { readonly ids: HostIds; readonly uuid: Ids; readonly logSigner: Signer },
  content: SnapshotContent,
): Promise<Snapshot> {
  const pieces: Uint8Array[] = [];
  for (const piece of encodeState(content)) {
    if (pieces.length > 0) await turn();
    pieces.push(piece);
  }
  const bytes = concatBytes(...pieces);
  const { size, root } = content.head;
  const claims: z.infer<typeof snapshotClaimsSchema> = {
    iss: ports.ids.logId,
    iat: content.lastAt,
    jti: ports.uuid.uuid(),
    tree_size: size,
    root,
    state_version: STATE_VERSION,
    state_hash: await digestOf(bytes),
  };
  const token = await signToken("snapshot+jwt", claims, ports.logSigner);
  return { size, root, version: STATE_VERSION, bytes, token };
}

/**
 * What a snapshot holds, when the log itself has signed exactly these bytes at this size and root; otherwise null. `decode`
 * does what `decodeState` does, in its own time.
 */
export async function openSnapshot(
  own: OwnKey,
  snapshot: Snapshot,
  decode: (bytes: Uint8Array) => unknown = decodeState,
): Promise<SnapshotContent | null> {
  // Storage may hold anything, also what an earlier version of the console left there.
  if (!(snapshot.bytes instanceof Uint8Array) || typeof snapshot.token !== "string") return null;
  const verified = await verifyOwn(own, SNAPSHOT_TYPE, snapshot.token);
  if (!verified.ok) return null;
  const { tree_size, root, state_version, state_hash } = verified.value.claims;
  if (state_version !== STATE_VERSION || snapshot.version !== STATE_VERSION) return null;
  if (tree_size !== snapshot.size || root !== snapshot.root) return null;
  const bytes = new Uint8Array(snapshot.bytes);
  if ((await digestOf(bytes)) !== state_hash) return null;
  // These are the bytes that were written here: their shape is the one this version of the state has.
  const content = (await decode(bytes)) as SnapshotContent;
  return content.head.size === tree_size && content.head.root === root ? content : null;
}

/** Not by the synchronous port: 20 MB there would stop the thread, and with it a stop, for some 70 ms. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
