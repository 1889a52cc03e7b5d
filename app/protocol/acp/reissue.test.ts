import { describe, expect, it } from "vitest";
import { checkDraft } from "./check-draft.ts";
import { type AcpClaims, acpClaimsSchema } from "./claims.ts";
import { forRun, reissued } from "./reissue.ts";

const ALICE = "spiffe://console.local/human/alice";
const BO = "spiffe://console.local/human/bo";
const WID = "0195400c-0000-7000-8000-00000000000a";
const NEW_WID = "0195400c-0000-7000-8000-00000000000c";
const NEW_JTI = "0195400c-0000-7000-8000-0000000000d1";
const at = (wid: string, name: string): string => `spiffe://console.local/agent/${wid}/${name}`;

const CLAIMS: AcpClaims = acpClaimsSchema.parse({
  ...{
    iss: ALICE,
    sub: ALICE,
    aud: "spiffe://console.local/pep",
    iat: 1000,
    nbf: 1010,
    exp: 4600,
    wid: WID,
    acp_ver: 1,
  },
  jti: "0195400c-0000-7000-8000-0000000000b1",
  replaces: { jti: "0195400c-0000-7000-8000-0000000000b0", hash: "H".repeat(43) },
  dag: {
    ...{ root: "op", self: "op", max_depth: 1 },
    nodes: [
      { id: "op", agent: ALICE, actions: ["*"], delegable: true },
      { id: "w", agent: at(WID, "writer"), actions: ["mail"] },
      { id: "rest", agent: at(WID, "*"), actions: ["look"] },
    ],
    edges: ["w", "rest"].map((to) => ({ from: "op", to, kind: "delegates" })),
  },
  hitl: { default_on_timeout: "deny", rules: [] },
});

describe("a policy issued again", () => {
  it("[ACP-61] has another id, the same lifetime from now, replaces nothing by itself, and is its signer's", () => {
    const again = reissued(CLAIMS, { issuer: BO, jti: NEW_JTI, nowS: 9000 });
    expect(again).toMatchObject({ iss: BO, sub: BO, jti: NEW_JTI, iat: 9000, nbf: 9010, exp: 12_600, wid: WID });
    expect(again).not.toHaveProperty("replaces");
    expect(again.dag.nodes.map(({ agent }) => agent)).toEqual([BO, at(WID, "writer"), at(WID, "*")]);
    expect(checkDraft(again)).toMatchObject({ ok: true });
  });

  it("[ACP-61] leaves the holder where that is not its issuer", () => {
    const held = { ...CLAIMS, sub: at(WID, "writer"), dag: { ...CLAIMS.dag, self: "w" } };
    const again = reissued(held, { issuer: BO, jti: NEW_JTI, nowS: 9000 });
    expect(again).toMatchObject({ iss: BO, sub: at(WID, "writer") });
    expect(again.dag.nodes[0]?.agent).toBe(ALICE);
  });
});

describe("a policy for another run", () => {
  it("[ACP-62] names the agents of the same name there", () => {
    const agents = [at(NEW_WID, "reader"), at(NEW_WID, "writer")];
    const adapted = forRun(CLAIMS, { wid: NEW_WID, agents });
    expect(adapted).toMatchObject({ ok: true, value: { wid: NEW_WID } });
    if (adapted.ok)
      expect(adapted.value.dag.nodes.map(({ agent }) => agent)).toEqual([
        ALICE,
        at(NEW_WID, "writer"),
        at(NEW_WID, "*"),
      ]);
  });

  it("[ACP-62] says which agents the other run has not", () => {
    expect(forRun(CLAIMS, { wid: NEW_WID, agents: [at(NEW_WID, "reader")] })).toEqual({
      ok: false,
      error: { code: "agents_missing", names: ["writer"] },
    });
    expect(forRun(CLAIMS, { wid: NEW_WID, agents: [] })).toMatchObject({ error: { names: ["writer", "*"] } });
  });
});
