import { describe, expect, it } from "vitest";
import type { RecordKind } from "../protocol/ect/claims.ts";
import { entryRow } from "./entry-row.ts";

const recorded = (kind: RecordKind, data: Record<string, string>) =>
  entryRow("console.local", 4, 1_772_064_000, "spiffe://console.local/pep", {
    typ: "record+jwt",
    claims: {
      iss: "spiffe://console.local/pep",
      iat: 1_772_064_000,
      jti: "0195400c-0000-7000-8000-0000000000a1",
      rec_ver: 1,
      kind,
      cause: { timer: "gate_escalation", of: "0195400c-0000-7000-8000-0000000000a2" },
      data,
    },
  });

describe("the row of an entry", () => {
  it("[ACP-31] says of an escalation who is asked, and that somebody should look", () => {
    expect(recorded("gate_escalated", { role: "finance", task: "t" })).toMatchObject({
      action: "gate_escalated",
      outcome: "finance",
      severity: "notice",
    });
    expect(recorded("permitted", { role: "finance" })).toMatchObject({ outcome: "permitted", severity: "info" });
    expect(recorded("gate_timed_out", {})).toMatchObject({ outcome: null, severity: "warning" });
  });
});
