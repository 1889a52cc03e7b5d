import { utf8, withUtf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { LedgerEntry } from "./claims.ts";

type Hashed = Pick<LedgerEntry, "received_at" | "seq" | "submitter" | "token">;

/** Bytes of one entry that are hashed into its leaf: JCS of the four members, whose order JCS gives (execution-audit.md section b). */
export function entryInput(entry: Hashed): Uint8Array {
  return utf8(inputText(entry));
}

/** The leaf hash (RFC 9162 §2.1.1) of an entry: prefix and input are encoded at once and not kept, a log has many. */
export function entryLeaf(entry: Hashed, sha256: Sha256): Uint8Array {
  return withUtf8(`\0${inputText(entry)}`, sha256);
}

/** The names are in code-unit order already and the values are strings and integers, for which JSON.stringify is RFC 8785. */
function inputText({ received_at, seq, submitter, token }: Hashed): string {
  return `{"received_at":${received_at},"seq":${seq},"submitter":${JSON.stringify(submitter)},"token":${JSON.stringify(token)}}`;
}
