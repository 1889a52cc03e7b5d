import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** What a log hands a witness (C2SP tlog-witness, add-checkpoint): a checkpoint, and the proof that it grew out of another. */
export interface WitnessRequest {
  /** Size the witness has seen before; 0 for a witness that has seen nothing of this log. */
  readonly old: number;
  readonly path: readonly Uint8Array[];
  /** The checkpoint as a signed note. */
  readonly note: string;
}

const MAX_PATH = 63;
const HASH_BYTES = 32;

export function writeWitnessRequest({ old, path, note }: WitnessRequest): string {
  return [`old ${old}`, ...path.map(toBase64), "", note].join("\n");
}

/** Reads a request; a bare checkpoint is one from the beginning. Refusal: `witness_request_malformed`. */
export function readWitnessRequest(text: string): Result<WitnessRequest, Refusal> {
  if (!text.startsWith("old ")) return ok({ old: 0, path: [], note: text });
  const malformed = (detail: string): Result<never, Refusal> => err(refusal("witness_request_malformed", detail));
  const end = text.indexOf("\n\n");
  if (end === -1) return malformed("no empty line is before its checkpoint");
  const [first = "", ...hashes] = text.slice(0, end).split("\n");
  const [, size] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  if (size === undefined || !Number.isSafeInteger(Number(size))) return malformed("its first line names no size");
  if (hashes.length > MAX_PATH) return malformed(`its proof has more than ${MAX_PATH} hashes`);
  const path = hashes.map(fromBase64);
  if (!path.every((hash) => hash?.length === HASH_BYTES)) return malformed("a line of its proof is no hash");
  const note = text.slice(end + 2);
  return ok({ old: Number(size), path: path.filter((hash) => hash !== null), note });
}
