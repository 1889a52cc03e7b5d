import * as z from "zod";
import { digestSchema } from "../../protocol/jose/formats.ts";
import { operation, positionSchema } from "./common.ts";

/** Characters of a pasted note, request or key that are read at all. */
const MAX_NOTE = 65_536;
const MAX_KEY = 200;
const noteSchema = z.string().max(MAX_NOTE);
const keySchema = z.string().max(MAX_KEY);

const checkpointSchema = z.object({
  /** The log's name in notes. */
  origin: z.string(),
  size: z.int().nonnegative(),
  root: digestSchema,
  /** The signed note, with its line feeds. */
  note: z.string(),
  /** The key under which others verify it: `name+hint+key`. */
  verifierKey: z.string(),
});
export type CheckpointView = z.infer<typeof checkpointSchema>;

const anchorSchema = z.object({
  size: z.int().positive(),
  root: digestSchema,
  note: z.string(),
  /** Who has witnessed it, each with the time it says, epoch seconds; none for a copy of the log's own checkpoint. */
  witnesses: z.array(z.object({ name: z.string(), timeS: z.number().nullable(), verifierKey: z.string() })),
  keptAtMs: z.number(),
  /** How the log, as this console has read it, stands to it. */
  standing: z.enum(["agrees", "shorter", "different"]),
});
export type AnchorView = z.infer<typeof anchorSchema>;

const seenHeadSchema = z.object({ size: z.int().nonnegative(), root: digestSchema, seenAtMs: z.number() });

const watchedLogSchema = z.object({
  origin: z.string(),
  verifierKey: z.string(),
  state: z.enum(["fresh", "consistent", "stale", "inconsistent"]),
  pinned: seenHeadSchema.nullable(),
  contradiction: z.object({ code: z.string(), before: seenHeadSchema, after: seenHeadSchema }).nullable(),
  /** From when the log's key is in other hands, epoch ms. */
  compromisedAtMs: z.number().nullable(),
});
export type WatchedLog = z.infer<typeof watchedLogSchema>;

/** Heads that others have witnessed (XA-52), and the logs of others that this console witnesses (XA-12). */
export const anchorsContract = {
  /** The head as a checkpoint (C2SP tlog-checkpoint), signed by the log when it is asked for. */
  checkpoint: operation
    .route({ method: "GET", path: "/anchors/checkpoint" })
    .output(z.object({ position: positionSchema, checkpoint: checkpointSchema })),
  /** The head for a witness that has seen `old` entries, with the proof (C2SP tlog-witness, add-checkpoint), and as a COSE receipt. */
  request: operation
    .route({ method: "POST", path: "/anchors/request" })
    .input(z.object({ old: z.int().nonnegative() }))
    .output(z.object({ text: z.string(), size: z.int().nonnegative(), cose: z.string().nullable() })),
  /** That the log grew out of a head that was seen of it before: the proof from there to now (XA-12). */
  growth: operation
    .route({ method: "GET", path: "/anchors/growth" })
    .input(z.object({ from: z.coerce.number().int().nonnegative() }))
    .output(z.object({ size: z.int().nonnegative(), root: digestSchema, path: z.array(digestSchema) })),
  /** The receipt of an entry as a signed statement with a COSE receipt, in base64 (XA-50). */
  receipt: operation
    .route({ method: "GET", path: "/anchors/receipts/{seq}" })
    .input(z.object({ seq: z.coerce.number().int().nonnegative() }))
    .output(z.object({ cose: z.string(), size: z.int().positive() })),
  list: operation
    .route({ method: "GET", path: "/anchors" })
    .output(z.object({ position: positionSchema, anchors: z.array(anchorSchema) })),
  /** Keeps a checkpoint of this log that came back, witnessed or not; the log is verified against it from then on. */
  keep: operation
    .route({ method: "POST", path: "/anchors" })
    .input(z.object({ note: noteSchema, witnessKeys: z.array(keySchema).max(16) }))
    .output(anchorSchema),
  /** Lets one go: nothing shows its contradiction again. */
  forget: operation
    .route({ method: "POST", path: "/anchors/forget" })
    .input(z.object({ size: z.int().positive(), root: digestSchema }))
    .output(z.object({})),
  /** Looks at another log's checkpoint and signs it where it is consistent with what was seen of that log before. */
  witness: operation
    .route({ method: "POST", path: "/anchors/witness" })
    .input(z.object({ request: noteSchema, logKey: keySchema.optional() }))
    .output(z.object({ note: z.string(), witnessKey: z.string(), log: watchedLogSchema })),
  watched: operation
    .route({ method: "GET", path: "/anchors/watched" })
    .output(
      z.object({ witness: z.object({ name: z.string(), verifierKey: z.string() }), logs: z.array(watchedLogSchema) }),
    ),
  /** An operator has looked at a contradiction and says which of both heads to go on from. */
  acknowledge: operation
    .route({ method: "POST", path: "/anchors/acknowledge" })
    .input(z.object({ verifierKey: keySchema, from: z.enum(["before", "after"]) }))
    .output(watchedLogSchema),
  /** A log's key is in other hands from then on (XA-S5). */
  compromised: operation
    .route({ method: "POST", path: "/anchors/compromised" })
    .input(z.object({ verifierKey: keySchema, atMs: z.number().nonnegative() }))
    .output(watchedLogSchema),
};
