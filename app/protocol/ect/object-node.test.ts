import { v4, v5 } from "uuid";
import { describe, expect, it } from "vitest";
import { ectClaimsSchema } from "./claims.ts";
import { MAX_ECT_LIFETIME_S } from "./ect-token.ts";
import { type NodeObject, nodeJti, objectNode, objectNodeProblem } from "./object-node.ts";

const OBJECT: NodeObject = {
  typ: "hitl-decision+jwt",
  jti: "0195400c-0000-4000-8000-0000000000d1",
  hash: "A".repeat(43),
  iss: "spiffe://ops.example/human/alice",
  wid: "0195400c-0000-4000-8000-00000000000a",
};
const DUE = { execAct: "hitl_decision", outcome: "approve" };
const NODE = objectNode(OBJECT, { ...DUE, aud: ["spiffe://ops.example/pep"], pred: [v4()], iat: 1_772_064_000 });

describe("the node of a signed object", () => {
  it("[COM-10] [COM-11] is an ECT of the same issuer and workflow that names it by type, id and digest", () => {
    expect(ectClaimsSchema.safeParse(NODE).success).toBe(true);
    expect(NODE).toMatchObject({
      iss: OBJECT.iss,
      wid: OBJECT.wid,
      exec_act: "hitl_decision",
      ect_ext: { obj_typ: OBJECT.typ, obj_id: OBJECT.jti, obj_hash: OBJECT.hash, outcome: "approve" },
    });
    expect(NODE.exp - NODE.iat).toBeLessThanOrEqual(MAX_ECT_LIFETIME_S);
    expect(objectNodeProblem(NODE, OBJECT, DUE)).toBeNull();
  });

  it("[ACP-35] has an id that follows from the object's alone, as anybody computes it", () => {
    expect(nodeJti(OBJECT.jti)).toBe(v5("ect node", OBJECT.jti));
    expect(nodeJti(OBJECT.jti)).toBe(NODE.jti);
    expect(nodeJti(v4())).not.toBe(nodeJti(v4()));
  });

  it("[COM-11] states an outcome only where its object has one", () => {
    const { outcome: _none, ...request } = DUE;
    const node = objectNode(OBJECT, { ...request, aud: [OBJECT.iss], pred: [], iat: 1 });
    expect("outcome" in (node.ect_ext ?? {})).toBe(false);
    expect(objectNodeProblem(node, OBJECT, request)).toBeNull();
    expect(objectNodeProblem(node, OBJECT, DUE)?.code).toBe("ect_node_mismatch");
    expect(objectNodeProblem(NODE, OBJECT, request)?.code).toBe("ect_node_mismatch");
  });

  it.each<[keyof NodeObject, string]>([
    ["typ", "ect_node_mismatch"],
    ["jti", "ect_node_mismatch"],
    ["hash", "object_hash_mismatch"],
    ["iss", "ect_issuer_mismatch"],
    ["wid", "ect_node_mismatch"],
  ])("[COM-11] [ACP-14] is not the node of an object with another %s", (member, code) => {
    const other = { ...OBJECT, [member]: member === "hash" ? "B".repeat(43) : v4() };
    expect(objectNodeProblem(NODE, other, DUE)?.code).toBe(code);
  });

  it("[COM-11] without an extension object is the node of nothing", () => {
    const { ect_ext: _none, ...bare } = NODE;
    expect(objectNodeProblem(bare, OBJECT, DUE)?.code).toBe("ect_node_mismatch");
  });
});
