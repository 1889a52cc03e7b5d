import { v5 as uuidV5 } from "uuid";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { EctClaims } from "./claims.ts";
import { MAX_ECT_LIFETIME_S } from "./ect-token.ts";

/**
 * A signed object that is also a node of the ECT DAG (COM-10, COM-11): the token itself, and an ECT of the same issuer that
 * names it by type, id and digest.
 */
export interface NodeObject {
  readonly typ: string;
  readonly jti: string;
  /** Token digest. */
  readonly hash: string;
  readonly iss: string;
  readonly wid: string;
}

/** The node's own id: it follows from the object's, so that anyone can name it before it is there. */
export function nodeJti(objectJti: string): string {
  return uuidV5("ect node", objectJti);
}

/** Claims of the ECT that stands for an object. `outcome` as the registry has it, for decisions. */
export function objectNode(
  object: NodeObject,
  node: {
    readonly execAct: string;
    readonly aud: readonly string[];
    readonly pred: readonly string[];
    /** Epoch seconds. */
    readonly iat: number;
    readonly outcome?: string;
  },
): EctClaims {
  return {
    iss: object.iss,
    aud: [...node.aud],
    iat: node.iat,
    exp: node.iat + Math.min(600, MAX_ECT_LIFETIME_S),
    jti: nodeJti(object.jti),
    wid: object.wid,
    exec_act: node.execAct,
    pred: [...node.pred],
    ect_ext: {
      obj_typ: object.typ,
      obj_id: object.jti,
      obj_hash: object.hash,
      ...(node.outcome === undefined ? {} : { outcome: node.outcome }),
    },
  };
}

/** What keeps an ECT from being the node of this object; null when it is (COM-11, ACP-14). */
export function objectNodeProblem(
  claims: EctClaims,
  object: NodeObject,
  due: { readonly execAct: string; readonly outcome?: string },
): Refusal | null {
  const ext = claims.ect_ext ?? {};
  if (claims.iss !== object.iss)
    return refusal("ect_issuer_mismatch", "the node is by somebody else than what it stands for", { claim: "iss" });
  if (claims.jti !== nodeJti(object.jti) || ext.obj_id !== object.jti || ext.obj_typ !== object.typ)
    return refusal("ect_node_mismatch", "the node stands for another object", { claim: "ect_ext" });
  if (ext.obj_hash !== object.hash)
    return refusal("object_hash_mismatch", "the node names another version of what it stands for (COM-11)", {
      claim: "ect_ext.obj_hash",
    });
  if (claims.wid !== object.wid || claims.exec_act !== due.execAct || ext.outcome !== due.outcome)
    return refusal("ect_node_mismatch", `the node is a "${due.execAct}" of the same workflow and outcome`, {
      claim: "exec_act",
    });
  return null;
}
