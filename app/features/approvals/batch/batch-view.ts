import type { Json } from "../../../base/json.ts";
import type { GateDetail } from "../gate-detail.ts";
import { type ArgumentsShown, shownView } from "../shown-view.ts";
import type { Differences } from "./differences.ts";

export interface BatchShown {
  readonly members: readonly string[];
  /** Members that were opened and read by themselves. */
  readonly opened: readonly string[];
  readonly differences: Differences;
}

/**
 * What the operator was shown of one request of a batch (C1): its differences from the others in a table, and the whole of
 * it only where it was opened. The digest never claims more than was on screen.
 */
export function batchView(detail: GateDetail, shown: BatchShown, whole: ArgumentsShown): Json {
  const { request } = detail.row;
  const isOpened = shown.opened.includes(request);
  return {
    view_ver: 3,
    batch: {
      members: [...shown.members],
      opened: [...shown.opened],
      differs: shown.differences.places.map(({ path, values }) => [path, values.get(request) ?? null]),
      same: shown.differences.same,
    },
    whole: isOpened ? shownView(detail, whole) : null,
    request: { jti: detail.claims.jti, hash: detail.digest },
    action: detail.claims.task.exec_act,
    target: detail.claims.task.target ?? null,
    args_hash: detail.argsHash,
    consequence: detail.claims.consequence,
  };
}
