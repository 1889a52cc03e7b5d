import type { GrantRow } from "../../../api/contract/policy.ts";
import { BUILDER, JTI, WID } from "../pane.fixture.tsx";

export const GRANT_JTI = "0195400c-0000-7000-8000-0000000000e1";

/** A grant of which three of ten uses are gone and an hour is left. */
export const grantRow = (change: Partial<GrantRow> = {}): GrantRow => {
  const nowS = Math.floor(Date.now() / 1000);
  return {
    ...{ jti: GRANT_JTI, hash: "G".repeat(43), seq: 90, by: "spiffe://console.local/human/alice" },
    ...{ at: nowS - 600, until: nowS + 3600, wid: WID, runName: "Site build", policy: JTI },
    ...{ agent: BUILDER, execAct: "build_site", ruleIds: ["r2"], role: "operator", resources: null },
    ...{ uses: 3, maxUses: 10, reason: "the nightly build", state: "in_force", revoked: null },
    ...change,
  };
};
