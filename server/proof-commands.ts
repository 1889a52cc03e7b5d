import * as z from "zod";
import { fromUtf8, toHex } from "../app/base/bytes.ts";
import { ok } from "../app/base/result.ts";
import { canonicalBytes } from "../app/protocol/jcs/canonical.ts";
import { parseStrictJson } from "../app/protocol/jcs/strict-json.ts";
import { verifyConsistency, verifyInclusion } from "../app/protocol/merkle/verify.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";

const jcs: Answer = (line) => {
  const text = fromUtf8(line);
  if (!text.ok) return ok({ error: text.error.code });
  const value = parseStrictJson(text.value);
  if (!value.ok) return ok({ error: value.error.code });
  const bytes = canonicalBytes(value.value);
  return ok(bytes.ok ? { hex: toHex(bytes.value) } : { error: bytes.error.code });
};

/** Padded base64, as the published vectors have it. An absent hash is null there: no bytes, which no proof accepts. */
const hashSchema = z
  .string()
  .nullable()
  .transform((text, context) => {
    const bytes = Buffer.from(text ?? "", "base64");
    if (bytes.toString("base64") === (text ?? "")) return new Uint8Array(bytes);
    context.addIssue({ code: "custom", message: "not padded base64" });
    return z.NEVER;
  });
const pathSchema = z
  .array(hashSchema)
  .nullable()
  .transform((path) => path ?? []);

// Sizes are any number: one that no tree has is a proof that fails, not a line that cannot be read.
const inclusionSchema = z.object({
  leafIdx: z.number(),
  treeSize: z.number(),
  root: hashSchema,
  leafHash: hashSchema,
  proof: pathSchema,
});
const consistencySchema = z.object({
  size1: z.number(),
  size2: z.number(),
  root1: hashSchema,
  root2: hashSchema,
  proof: pathSchema,
});

const inclusion: Answer = (line, sha256) => {
  const read = readLine(line, inclusionSchema);
  if (!read.ok) return read;
  const { leafIdx: index, treeSize: size, leafHash: leaf, proof: path, root } = read.value;
  return ok({ ok: verifyInclusion({ index, size, leaf, path, root }, sha256) });
};

const consistency: Answer = (line, sha256) => {
  const read = readLine(line, consistencySchema);
  if (!read.ok) return read;
  const { proof: path, ...heads } = read.value;
  return ok({ ok: verifyConsistency({ ...heads, path }, sha256) });
};

/** `jcs` answers a refused value like any other, `merkle` stops at a line that is no proof. */
export const jcsCommand: LineCommand = {
  answer: jcs,
  help: [
    "canonical JSON (RFC 8785) of any value",
    'answer: {"hex": the canonical bytes}, or {"error": code} for what is no JSON value; then it goes on',
  ],
};
export const inclusionCommand: LineCommand = {
  answer: inclusion,
  help: [
    "an RFC 9162 inclusion proof",
    '{"leafIdx", "treeSize", "root", "leafHash", "proof"}: hashes in padded base64, proof a list of them',
    'answer: {"ok": true or false}',
  ],
};
export const consistencyCommand: LineCommand = {
  answer: consistency,
  help: [
    "an RFC 9162 consistency proof",
    '{"size1", "size2", "root1", "root2", "proof"}: hashes in padded base64, proof a list of them',
    'answer: {"ok": true or false}',
  ],
};
