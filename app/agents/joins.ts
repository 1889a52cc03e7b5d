import { v5 as uuidV5 } from "uuid";

const MAX_PRED = 100;

/** A join ECT to be signed [ours]: a node that stands for at most 100 predecessors. */
export interface Join {
  readonly jti: string;
  readonly pred: readonly string[];
}

/**
 * An intent and an ECT name at most 100 predecessors, so that more of them are joined first, in layers (ect.md section h).
 * A join's id follows from its task and what it joins, so that whoever asks again, or reports, names the same ones.
 */
export function bundle(
  task: string,
  pred: readonly string[],
): { readonly names: readonly string[]; readonly joins: Join[] } {
  const joins: Join[] = [];
  let layer = pred;
  while (layer.length > MAX_PRED) {
    const next: string[] = [];
    for (let at = 0; at < layer.length; at += MAX_PRED) {
      const joined = layer.slice(at, at + MAX_PRED);
      const jti = uuidV5(`join ${joined.join(" ")}`, task);
      joins.push({ jti, pred: joined });
      next.push(jti);
    }
    layer = next;
  }
  return { names: layer, joins };
}
