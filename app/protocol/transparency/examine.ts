import { equalBytes, toBase64url, toHex } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { receiptClaimsSchema } from "../audit/claims.ts";
import { verifyCoseReceipt } from "../audit/cose-receipt.ts";
import { explainReceipt } from "../audit/verify-receipt.ts";
import { parseCompact } from "../jose/compact.ts";
import type { TrustedKey } from "../jose/keys.ts";
import { readVerificationKey } from "../jose/public-key.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { leafHash } from "../merkle/tree.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { namesLog, readCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import type { Beside, Foreign } from "./foreign.ts";
import { type NoteKey, noteKeyOfSpki, readVerifierKey } from "./note-key.ts";
import { originOf } from "./sign-note.ts";
import { readNote, verifyNote } from "./signed-note.ts";
import { NOT_CHECKED, readTrustedRoot, type TrustedLog, verifyBundle } from "./sigstore-bundle.ts";
import { readTile, rootOfHashes } from "./tiles.ts";
import { readWitnessRequest } from "./witness-request.ts";

/** One thing that was, or could have been, checked. */
export interface Proof {
  readonly what: string;
  readonly result: "verified" | "failed" | "not_checked";
  readonly detail: string;
  readonly code?: string;
}

/** What was pasted, what each of its proofs comes to, and what follows from it and what does not. */
export interface Examined {
  readonly name: string;
  /** What it states of itself: asserted, until a proof below holds. */
  readonly states: readonly (readonly [term: string, value: string])[];
  readonly proofs: readonly Proof[];
  readonly proves: string;
  readonly leavesOpen: string;
}

/** Keys that are believed: those given beside it, and those this console has itself. */
export interface Known {
  readonly notes: readonly NoteKey[];
  readonly logs: readonly TrustedLog[];
  /** For tokens: by id; `name` is the log's, null for a bare key that was given for whatever names it. */
  readonly tokens: readonly {
    readonly kid: string;
    readonly alg: TrustedKey["alg"];
    readonly key: CryptoKey;
    readonly name: string | null;
  }[];
  /** Keys that were given and cannot be used, and why. */
  readonly unusable: readonly string[];
}

const NOTHING = "Nothing yet: none of its proofs holds under a key that is known here.";

/** Reads every key beside it. `own`: verifier keys of this console's log and of those it watches. */
export async function readKnown(beside: Beside, own: readonly string[], sha256: Sha256): Promise<Known> {
  const notes: NoteKey[] = [];
  const logs: TrustedLog[] = [];
  const tokens: Known["tokens"][number][] = [];
  const unusable: string[] = [];
  for (const text of new Set([...beside.verifierKeys, ...own])) {
    const key = await readVerifierKey(text, sha256);
    if (!key.ok) {
      unusable.push(key.error.detail);
      continue;
    }
    notes.push(key.value);
    const jwk = await readVerificationKey({ kty: "OKP", crv: "Ed25519", x: rawOf(text) });
    if (jwk.ok && key.value.kind === "ed25519") tokens.push({ ...jwk.value, name: key.value.name });
  }
  for (const json of beside.json) {
    const read = await readJsonKey(json, sha256);
    if (read.kind === "root") logs.push(...read.logs);
    else if (read.kind === "jwk") tokens.push({ ...read.key, name: null });
    else unusable.push(read.detail);
  }
  return { notes, logs, tokens, unusable };
}

/** The public key in a verifier key, as a JWK writes it. */
function rawOf(verifierKey: string): string {
  const encoded = verifierKey.split("+").slice(2).join("+");
  // One byte says the kind; the rest is the key.
  return toBase64url((fromBase64(encoded) ?? new Uint8Array(1)).subarray(1));
}

function spkiName(json: Json): string {
  const name = json !== null && typeof json === "object" && "name" in json ? json.name : undefined;
  return typeof name === "string" ? name : "";
}

type JsonKey =
  | { readonly kind: "root"; readonly logs: readonly TrustedLog[] }
  | { readonly kind: "jwk"; readonly key: Omit<Known["tokens"][number], "name"> }
  | { readonly kind: "none"; readonly detail: string };

async function readJsonKey(json: Json, sha256: Sha256): Promise<JsonKey> {
  if (json !== null && typeof json === "object" && "tlogs" in json) {
    const root = await readTrustedRoot(json);
    return root.ok ? { kind: "root", logs: root.value } : { kind: "none", detail: root.error.detail };
  }
  const spki =
    json !== null && typeof json === "object" && "spki" in json && typeof json.spki === "string"
      ? fromBase64(json.spki)
      : null;
  if (spki !== null) {
    const keyId = sha256(spki);
    const key = await noteKeyOfSpki(spkiName(json), keyId, spki);
    return key.ok ? { kind: "root", logs: [{ keyId, key: key.value }] } : { kind: "none", detail: key.error.detail };
  }
  const jwk = await readVerificationKey(json);
  return jwk.ok ? { kind: "jwk", key: jwk.value } : { kind: "none", detail: jwk.error.detail };
}

/** Examines it: every proof is recomputed here, from these bytes. */
export async function examine(foreign: Foreign, beside: Beside, known: Known, sha256: Sha256): Promise<Examined> {
  switch (foreign.kind) {
    case "note":
      return examineNote(foreign.note, known);
    case "witness_request":
      return examineRequest(foreign.text, known);
    case "signature_lines":
      return {
        name: "Signatures of a note",
        states: [],
        proofs: [
          { what: "signatures", result: "not_checked", detail: "the note they are over is not there: paste it whole" },
        ],
        proves: "Nothing: a signature without its note is over nothing.",
        leavesOpen: "Which checkpoint was signed, and whether it was.",
      };
    case "bundle":
      return examineBundle(foreign.json, known, sha256);
    case "receipt":
      return examineReceipt(foreign.token, beside, known, sha256);
    case "cose":
      return examineCose(foreign.bytes, known, sha256);
    case "entries":
      return examineHashes(
        foreign.entries.map((entry) => leafHash(entry, sha256)),
        "entries",
        beside,
        known,
        sha256,
      );
    case "tile": {
      const hashes = readTile(foreign.bytes);
      return hashes.ok
        ? examineHashes(hashes.value, "hashes", beside, known, sha256)
        : unreadable("Tile of hashes", hashes.error.code, hashes.error.detail);
    }
  }
}

async function examineNote(text: string, known: Known): Promise<Examined> {
  const note = readNote(text);
  const name = "Checkpoint of a log";
  if (!note.ok) return unreadable(name, note.error.code, note.error.detail);
  const read = readCheckpoint(note.value);
  if (!read.ok) return unreadable("Signed note", read.error.code, read.error.detail);
  const { origin, size, root } = read.value;
  const proofs: Proof[] = [];
  for (const { name: signer, hint, signature } of note.value.signatures) {
    const key = known.notes.find((one) => one.name === signer && equalBytes(one.hint, hint));
    const what = `signature of ${signer}`;
    if (key === undefined) {
      proofs.push({
        what,
        result: "not_checked",
        code: "key_unknown",
        detail: `its key, ${toHex(hint)}, is unknown here`,
      });
      continue;
    }
    const verdict = await verifyNote({ ...note.value, signatures: [{ name: signer, hint, signature }] }, key);
    const held = namesLog(origin, signer)
      ? "the log states this head"
      : key.kind === "cosignature"
        ? "a witness saw this head"
        : "the key has signed this text; it is not the log's that the text names";
    proofs.push(
      verdict.signed
        ? {
            what,
            result: "verified",
            detail:
              verdict.timeS === null ? held : `${held}, by its word at ${new Date(verdict.timeS * 1000).toISOString()}`,
          }
        : { what, result: "failed", code: verdict.code, detail: "it does not hold for this text" },
    );
  }
  const log = await verifyCheckpoint(
    text,
    known.notes,
    known.notes.filter(({ kind }) => kind === "cosignature"),
  );
  const witnesses = log.ok ? log.value.witnessed.length : 0;
  return {
    name,
    states: [
      ["Log", origin],
      ["Entries", String(size)],
      ["Root", toBase64(root)],
    ],
    proofs,
    proves: !log.ok
      ? NOTHING
      : `The log has stated this root over ${size} entries${witnesses === 0 ? "" : `, and ${witnesses} known ${witnesses === 1 ? "witness has" : "witnesses have"} seen it`}.`,
    leavesOpen:
      witnesses > 0
        ? "What the entries say, and what the log did afterwards."
        : "Whether the log shows everybody the same: no witness that is known here has signed.",
  };
}

async function examineRequest(text: string, known: Known): Promise<Examined> {
  const request = readWitnessRequest(text);
  if (!request.ok) return unreadable("Request to a witness", request.error.code, request.error.detail);
  const { old, path, note } = request.value;
  const inner = await examineNote(note, known);
  return {
    ...inner,
    name: "Request to a witness",
    proofs: [
      ...inner.proofs,
      {
        what: `growth from ${old} entries`,
        result: "not_checked",
        detail: `${path.length} hashes; they are held against what a witness has seen: the Anchors drawer of the Timeline does that`,
      },
    ],
  };
}

async function examineBundle(json: Json, known: Known, sha256: Sha256): Promise<Examined> {
  const name = "Sigstore bundle";
  const verified = await verifyBundle(json, known.logs, sha256);
  const open = NOT_CHECKED.map(
    (what): Proof => ({ what, result: "not_checked", detail: "this console does not look at it" }),
  );
  if (!verified.ok) {
    const { code, detail } = verified.error;
    if (code === "bundle_malformed") return unreadable(name, code, detail);
    const result = code === "log_unknown" || code === "checkpoint_origin_unknown" ? "not_checked" : "failed";
    return {
      name,
      states: [],
      proofs: [{ what: "inclusion in a transparency log", result, code, detail }, ...open],
      proves: NOTHING,
      leavesOpen: "Everything else about the artifact.",
    };
  }
  return {
    name,
    states: verified.value.map(({ log, index }) => [`Entry of ${log}`, String(index)] as const),
    proofs: [
      ...verified.value.map(
        ({ log, index, checkpoint }): Proof => ({
          what: `inclusion in ${log}`,
          result: "verified",
          detail: `entry ${index} is under the root that the log has signed over ${checkpoint.size} entries`,
        }),
      ),
      ...open,
    ],
    proves: "What the bundle logs is in a log whose key is known here.",
    leavesOpen: "Whether the entry is about this artifact, who made it, and whether the signature on it holds.",
  };
}

async function examineReceipt(token: string, beside: Beside, known: Known, sha256: Sha256): Promise<Examined> {
  const name = "Receipt of a log";
  const parsed = parseCompact(token);
  const claims = parsed.ok ? receiptClaimsSchema.safeParse(parsed.value.payload) : null;
  if (claims?.success !== true) return unreadable(name, "token_malformed", "its claims are not those of a receipt");
  const { iss, seq, tree_size, sub_hash, root } = claims.data;
  const states = [
    ["Log", iss],
    ["Entry", String(seq)],
    ["Entries of the tree", String(tree_size)],
    ["Root", root],
    ["Token digest", sub_hash],
  ] as const;
  const tokens = beside.tokens.map((text) => ({ text, parsed: parseCompact(text) })).filter((one) => one.parsed.ok);
  const logged = tokens.find(({ text }) => tokenDigest(text, sha256) === sub_hash) ?? tokens[0];
  const iat =
    logged?.parsed.ok === true && typeof logged.parsed.value.payload.iat === "number"
      ? logged.parsed.value.payload.iat
      : 0;
  const steps = await explainReceipt(
    token,
    { token: logged?.text ?? "", iat },
    {
      nowS: claims.data.iat,
      sha256,
      algorithms: ["ES256", "EdDSA"],
      resolveKey: (kid) => trusted(known, kid, iss),
      pinnedHeads: () => [],
    },
  );
  const signed = steps[0]?.result === "passed";
  const proofs = steps.map(({ check, result, code, detail }): Proof => {
    const isOpen =
      result === "not_reached" ||
      code === "token_key_unknown" ||
      (logged === undefined && code === "receipt_subject_mismatch");
    return {
      what: check,
      result: isOpen ? "not_checked" : result === "passed" ? "verified" : "failed",
      detail:
        code === "token_key_unknown"
          ? "its key is unknown here"
          : logged === undefined && check === "for this token"
            ? "the token is not beside it"
            : (detail ?? ""),
      ...(code === undefined || isOpen ? {} : { code }),
    };
  });
  const anchored = proofs.find(({ what }) => what === "the root agrees with the pinned heads");
  const whole = proofs.every(({ result }) => result === "verified");
  return {
    name,
    states,
    proofs: proofs.map((proof) =>
      proof === anchored && proof.result === "verified"
        ? { ...proof, result: "not_checked", detail: "no head of this log is at hand here to hold it against" }
        : proof,
    ),
    proves: whole
      ? `The token beside it is entry ${seq} of the log, under a root over ${tree_size} entries that the log has signed.`
      : signed
        ? "The log has signed that it holds the token with this digest; the path was not followed from the token."
        : NOTHING,
    leavesOpen: "Whether the log shows everybody the same history, and whether what the token says is so.",
  };
}

async function examineCose(bytes: Uint8Array, known: Known, sha256: Sha256): Promise<Examined> {
  const name = "Signed statement with a COSE receipt";
  const verified = await verifyCoseReceipt(bytes, { sha256, resolveKey: (kid, iss) => trusted(known, kid, iss) });
  if (!verified.ok) {
    const { code, detail } = verified.error;
    if (code === "cose_malformed") return unreadable(name, code, detail);
    const result = code === "cose_key_unknown" ? "not_checked" : "failed";
    return {
      name,
      states: [],
      proofs: [{ what: "signature and inclusion", result, code, detail }],
      proves: NOTHING,
      leavesOpen: "All of it.",
    };
  }
  const { entry, claims } = verified.value;
  return {
    name,
    states: [
      ["Log", claims.iss],
      ["Entry", String(claims.seq)],
      ["Entries of the tree", String(claims.tree_size)],
      ["Root", claims.root],
      ["Submitted by", entry.submitter],
      ["Token digest", claims.sub_hash],
    ],
    proofs: [
      { what: "signature of the statement", result: "verified", detail: "the log states the entry" },
      { what: "inclusion", result: "verified", detail: `the entry leads to a root over ${claims.tree_size} entries` },
      { what: "signature of the receipt", result: "verified", detail: "the log has signed exactly this root" },
      { what: "the token inside", result: "not_checked", detail: "paste it by itself to verify it" },
      {
        what: "other heads of the log",
        result: "not_checked",
        detail: "no head is at hand here to hold the root against",
      },
    ],
    proves: `The token inside is entry ${claims.seq} of the log, under a root over ${claims.tree_size} entries that the log has signed.`,
    leavesOpen: "Whether the log shows everybody the same history, and whether what the token says is so.",
  };
}

/** The first tile of a log, or the entries of it: together they are all of a log that is no longer. */
async function examineHashes(
  hashes: readonly Uint8Array[],
  of: "hashes" | "entries",
  beside: Beside,
  known: Known,
  sha256: Sha256,
): Promise<Examined> {
  const count = hashes.length;
  const root = rootOfHashes(hashes, sha256);
  const checkpoint = beside.note === null ? null : await verifyCheckpoint(beside.note, known.notes);
  const result = heldAgainst(checkpoint, count, root);
  const all = of === "hashes" ? "the hashes of all entries of the log" : "all entries of the log";
  return {
    name: of === "hashes" ? "Tile of hashes" : "Bundle of entries",
    states: [
      [of === "hashes" ? "Hashes" : "Entries", String(count)],
      ["Root of these alone", toBase64(root)],
    ],
    proofs: [{ what: "being the whole of a log", ...result }],
    proves:
      result.result === "verified"
        ? `These are ${all} at that size.`
        : `Nothing by itself: anybody can write ${of === "hashes" ? "a row of hashes" : "entries"}.`,
    leavesOpen:
      of === "hashes"
        ? "What the entries are: their bundle is needed for that."
        : "Whether what the entries say is so.",
  };
}

function heldAgainst(
  checkpoint: Awaited<ReturnType<typeof verifyCheckpoint>> | null,
  count: number,
  root: Uint8Array,
): Omit<Proof, "what"> {
  if (checkpoint === null) return { result: "not_checked", detail: "no checkpoint is beside it" };
  if (!checkpoint.ok) return { result: "not_checked", code: checkpoint.error.code, detail: checkpoint.error.detail };
  const { size } = checkpoint.value;
  if (size !== count)
    return { result: "not_checked", detail: `the checkpoint is over ${size} entries: more tiles are needed` };
  return equalBytes(checkpoint.value.root, root)
    ? { result: "verified", detail: `they give the root over ${size} entries` }
    : { result: "failed", code: "root_mismatch", detail: "they give another root" };
}

function trusted(known: Known, kid: string, iss: string): TrustedKey | undefined {
  const key = known.tokens.find((one) => one.kid === kid && (one.name === null || one.name === originOf(iss)));
  return key === undefined ? undefined : { kid, subject: iss, alg: key.alg, key: key.key, revokedAt: null };
}

function unreadable(name: string, code: string, detail: string): Examined {
  return {
    name,
    states: [],
    proofs: [{ what: "its form", result: "failed", code, detail }],
    proves: "Nothing: it cannot be read as what it looks like.",
    leavesOpen: "All of it.",
  };
}
