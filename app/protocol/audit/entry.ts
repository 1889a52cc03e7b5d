import { must } from "../../base/assert.ts";
import { utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { leafHash } from "../merkle/tree.ts";
import type { LedgerEntry } from "./claims.ts";

/** Bytes of one entry that are hashed into its leaf: JCS of the four members, whose order JCS gives (execution-audit.md section b). */
export function entryInput(entry: Pick<LedgerEntry, "received_at" | "seq" | "submitter" | "token">): Uint8Array {
  // The names are in code-unit order already and the values are strings and integers, for which JSON.stringify is RFC 8785.
  return utf8(
    `{"received_at":${entry.received_at},"seq":${entry.seq},"submitter":${JSON.stringify(entry.submitter)},"token":${JSON.stringify(entry.token)}}`,
  );
}

export function entryLeaf(
  entry: Pick<LedgerEntry, "received_at" | "seq" | "submitter" | "token">,
  sha256: Sha256,
): Uint8Array {
  return must(leafHash(entryInput(entry), sha256), "a hash");
}
