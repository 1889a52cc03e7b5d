import type { EntryRow } from "../../api/contract/common.ts";

export const AGENT = "spiffe://console.local/agent/run/builder";
export const START = 1_772_064_000;

/** A row of the list: every tenth deploys, every fiftieth failed. */
export function entryRow(seq: number, change: Partial<EntryRow> = {}): EntryRow {
  const failed = seq % 50 === 49;
  return {
    domain: "console.local",
    seq,
    receivedAt: START + Math.floor(seq / 10),
    typ: seq % 2 === 0 ? "intent+jwt" : "exec+jwt",
    jti: `0195400c-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    iss: AGENT,
    wid: null,
    action: seq % 10 === 3 ? "deploy_site" : "build_site",
    outcome: failed ? "failure" : seq % 2 === 0 ? "asked" : "success",
    task: null,
    taskName: `stage ${seq}`,
    severity: failed ? "warning" : "info",
    submitter: AGENT,
    ...change,
  };
}
