import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type EvidencePack, packSchema } from "./claims.ts";

/** The element of a pack's page that holds its document. */
export const PACK_ELEMENT = "evidence-pack";
const OPENING = `<script type="application/json" id="${PACK_ELEMENT}">`;
const CLOSING = "</script>";

/** JSON text that may stand in a page: no character in it can end the element or begin another. */
export const inPage = (json: string): string => json.replaceAll("<", "\\u003c");

export const packOpening = OPENING;
export const packClosing = CLOSING;

/** The JSON of a pack, from its file: the document itself, or the page that holds it. */
export function packText(file: string): string {
  const from = file.indexOf(OPENING);
  if (from < 0) return file;
  const to = file.indexOf(CLOSING, from);
  return file.slice(from + OPENING.length, to < 0 ? undefined : to);
}

/** Reads the text of a pack. Refusals: `json_malformed`, `pack_malformed`; `claim` is the place, of at most two steps. */
export function readPack(text: string): Result<EvidencePack, Refusal> {
  const value = parseStrictJson(text);
  if (!value.ok) return err(refusal("json_malformed", value.error.detail, { claim: "$" }));
  const parsed = packSchema.safeParse(value.value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const place = issue?.path.slice(0, 2).join(".") || "$";
  return err(
    refusal("pack_malformed", `not an evidence pack: ${place}: ${issue?.message ?? "unexpected"}`, { claim: place }),
  );
}
