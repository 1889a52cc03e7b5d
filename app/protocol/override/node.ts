import { v5 as uuidV5 } from "uuid";
import type { EctClaims } from "../ect/claims.ts";
import { MAX_ECT_LIFETIME_S } from "../ect/ect-token.ts";
import type { OverrideClaims } from "./claims.ts";

/** The `exec_act` of the nodes that override events leave (README section 6); the last one is [ours]. */
export const OVERRIDE_ACTS = ["override_signal", "override_ack", "override_compliance", "override_escalation"] as const;
export type OverrideAct = (typeof OVERRIDE_ACTS)[number];

export const isOverrideAct = (execAct: string): execAct is OverrideAct => OVERRIDE_ACTS.some((act) => act === execAct);

const MAX_PRED = 100;
const NODE_LIFETIME_S = 600;

/** A node's id follows from its object and the workflow it stands in: a signal for a domain leaves one in each (OVR-5). */
export const overrideNodeJti = (objectJti: string, wid: string): string => uuidV5(`ect node ${wid}`, objectJti);

/** An override event as a node of a workflow's DAG, written by the enforcement point after the event had its effect (OVR-35). */
export interface OverrideNode {
  readonly execAct: OverrideAct;
  /** The token that the node stands for. */
  readonly object: { readonly typ: string; readonly jti: string; readonly hash: string };
  readonly wid: string;
  readonly pred: readonly string[];
  /** Of the signal that it is about. */
  readonly signal: Pick<OverrideClaims, "level" | "action">;
}

export function overrideNodeClaims(
  { execAct, object, wid, pred, signal }: OverrideNode,
  by: { readonly iss: string; readonly nowS: number },
): EctClaims {
  return {
    iss: by.iss,
    aud: [by.iss],
    iat: by.nowS,
    exp: by.nowS + Math.min(NODE_LIFETIME_S, MAX_ECT_LIFETIME_S),
    jti: overrideNodeJti(object.jti, wid),
    wid,
    exec_act: execAct,
    pred: [...new Set(pred)].slice(0, MAX_PRED),
    ect_ext: {
      obj_typ: object.typ,
      obj_id: object.jti,
      obj_hash: object.hash,
      ovr_level: signal.level,
      ovr_action: signal.action,
    },
  };
}
