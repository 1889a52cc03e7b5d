import * as z from "zod";
import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { isCanonicalResource } from "../acp/canonical-resource.ts";
import type { UnsignedEctClaims } from "../ect/claims.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";

/** `exec_act` of the ECT that states a checkpoint. */
export const CHECKPOINT_ACT = "checkpoint_create";

/** How a consequential action can be undone, declared before it is taken (CAS-10, CAS-11). */
export const undoKindSchema = z.enum(["automatic", "assisted", "impossible"]);
export type UndoKind = z.infer<typeof undoKindSchema>;

/** A cost as a decimal string without currency (cascade.md section b). */
export const costSchema = z
  .string()
  .regex(/^(0|[1-9]\d{0,17})(\.\d{1,12})?$/, "a decimal amount, no sign, no exponent");

/** Members of `ect_ext` in a checkpoint ECT (cascade.md section b). Others are ignored (ECT-19). */
export const checkpointExtSchema = z.object({
  ckpt_id: uuidSchema,
  ckpt_scope: z
    .array(uriSchema.refine(isCanonicalResource, "a resource written the one way in which prefixes may be compared"))
    .min(1)
    .max(64),
  ckpt_hash: digestSchema,
  ckpt_store: uriSchema,
  ckpt_expires: timeSchema,
  undo: undoKindSchema,
  /** Seconds from the checkpoint on in which undoing is possible [ours: from when it counts]. */
  undo_deadline_s: z.int().positive(),
  undo_cost: costSchema.optional(),
});
export type CheckpointExt = z.infer<typeof checkpointExtSchema>;

/** A checkpoint as its ECT states it: asserted by the agent that made it, until a restore has been compared with it. */
export interface Checkpoint {
  readonly ckptId: string;
  /** The agent that made it, and that alone can restore it. */
  readonly agent: string;
  readonly scope: readonly string[];
  readonly hash: string;
  readonly store: string;
  readonly undo: UndoKind;
  /** Amount as stated; null when it states none. */
  readonly cost: string | null;
  /** From this second on it is not used: the earlier of its expiry and the end of its undo deadline (CAS-21). */
  readonly usableUntilS: number;
  /** The task that made the saved state current; null for the state before the first task. */
  readonly madeAfter: string | null;
}

/**
 * Reads a checkpoint from the claims of its ECT. It follows at most one task, the one that made the state current.
 * Refusals: `checkpoint_invalid` for an ECT that states none, or states it wrongly.
 */
export function readCheckpoint(claims: UnsignedEctClaims): Result<Checkpoint, Refusal> {
  const invalid = (claim: string, detail: string): Result<never, Refusal> =>
    err(refusal("checkpoint_invalid", `${claim}: ${detail}`, { claim, jti: claims.jti }));
  if (claims.exec_act !== CHECKPOINT_ACT) return invalid("exec_act", `a checkpoint is ${CHECKPOINT_ACT}`);
  if (claims.iss === undefined) return invalid("iss", "nobody is named who could restore it");
  const parsed = checkpointExtSchema.safeParse(claims.ect_ext ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(`ect_ext.${issue?.path.join(".") ?? ""}`, issue?.message ?? "invalid");
  }
  const ext = parsed.data;
  if (claims.pred.length > 1) return invalid("pred", "one task made the state current");
  if (ext.ckpt_expires <= claims.iat) return invalid("ect_ext.ckpt_expires", "over before it was made");
  return ok({
    ckptId: ext.ckpt_id,
    agent: claims.iss,
    scope: ext.ckpt_scope,
    hash: ext.ckpt_hash,
    store: ext.ckpt_store,
    undo: ext.undo,
    cost: ext.undo_cost ?? null,
    usableUntilS: Math.min(ext.ckpt_expires, claims.iat + ext.undo_deadline_s),
    madeAfter: claims.pred[0] ?? null,
  });
}

/** The extension members of a checkpoint, for the ECT its agent signs before a consequential action (CAS-10). */
export function checkpointExt(ext: CheckpointExt): Result<JsonObject, Refusal> {
  const parsed = checkpointExtSchema.safeParse(ext);
  if (parsed.success) return ok(JSON.parse(JSON.stringify(parsed.data)));
  const [issue] = parsed.error.issues;
  return err(refusal("checkpoint_invalid", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`));
}

/** What a task that is about to act declares, as far as it is known before the effect. */
export interface DeclaredUndo {
  /** Whether the action changes anything outside the log. */
  readonly effect: boolean;
  readonly resources: readonly string[];
  /** Stated in the policy or in the intent; null when nothing was said. */
  readonly undo: UndoKind | null;
}

/**
 * CAS-10, CAS-11: before a consequential action there is a checkpoint that covers it and is usable, or the declaration
 * that it cannot be undone. Refusal: `checkpoint_missing`.
 */
export function checkDeclaredUndo(
  action: DeclaredUndo,
  checkpoints: readonly Checkpoint[],
  nowS: number,
): Result<void, Refusal> {
  if (!action.effect || action.undo === "impossible") return ok(undefined);
  const covered = checkpoints.some(
    (ckpt) =>
      nowS < ckpt.usableUntilS &&
      ckpt.undo !== "impossible" &&
      action.resources.length > 0 &&
      action.resources.every((resource) => coversResource(ckpt.scope, resource)),
  );
  return covered
    ? ok(undefined)
    : err(
        refusal("checkpoint_missing", "no usable checkpoint covers this action, and it is not declared irreversible"),
      );
}

/** Whether one of the scope's entries is the resource, or a place above it. */
export function coversResource(scope: readonly string[], resource: string): boolean {
  const above = new Set(placesOf(resource));
  return scope.some((entry) => above.has(placeOf(entry)));
}

/** Whether two resources are the same place, or one of them lies in the other. */
export function overlaps(a: string, b: string): boolean {
  return coversResource([a], b) || coversResource([b], a);
}

/** A resource as a place: one trailing slash says nothing. */
export function placeOf(resource: string): string {
  return resource.length > 1 && resource.endsWith("/") ? resource.slice(0, -1) : resource;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** The resource itself and every place above it, up to its authority: what a scope can name to include it. */
export function placesOf(resource: string): string[] {
  const place = placeOf(resource);
  const scheme = SCHEME.exec(place)?.[0].length;
  if (scheme === undefined) return [place];
  const authority = endOf(place, "/?#", scheme);
  const path = endOf(place, "?#", authority);
  const places = path < place.length ? [place, place.slice(0, path)] : [place];
  for (let at = place.lastIndexOf("/", path - 1); at >= authority; at = place.lastIndexOf("/", at - 1))
    places.push(place.slice(0, at));
  return places;
}

/** Where the first of these characters is, or the text's end. */
function endOf(text: string, stops: string, from: number): number {
  let at = from;
  while (at < text.length && !stops.includes(text.charAt(at))) at += 1;
  return at;
}
