import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import { AuditRecords } from "./audit-records.tsx";
import { type AuditRecord, actorMark, levelMark, outcomeWords } from "./audit-words.ts";
import { entryRow } from "./entry-row.fixture.ts";

const RECORD: AuditRecord = {
  seq: 41,
  jti: "0195400c-0000-7000-8000-000000000002",
  claimedLevel: 3,
  level: 3,
  isCovered: true,
  code: null,
  action: "deploy_site",
  outcome: "denied",
  actor: "spiffe://console.local/human/alice",
  actorBy: "verified",
  evidence: { found: 1, named: 2 },
  external: [{ jti: "0195400c-0000-7000-8000-000000000009", domain: "partner.example" }],
  retentionUntil: 1_929_744_000,
  untold: null,
  steps: [
    { step: 1, check: "a compact JWS", result: "passed" },
    { step: 9, check: "on record in a log", result: "not_checked" },
    { step: 10, check: "evidence at hand", result: "not_applicable" },
  ],
};

function show(records: readonly AuditRecord[], isIssued = true, onOpen = vi.fn()) {
  // A client has far more operations than are asked for here.
  const client = { audit: { records: async () => ({ isIssued, records }) } } as unknown as SignalboxClient;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <AuditRecords row={{ ...entryRow(7), task: "0195400c-0000-7000-8000-000000000002" }} onOpen={onOpen} />
      </ApiProvider>
    </QueryClientProvider>,
  );
  return onOpen;
}

afterEach(cleanup);

describe("the audit record of an entry", () => {
  it("[XA-7] [XA-8] [XA-10] says at which level it was found here, who acted, and what it rests on", async () => {
    const onOpen = show([RECORD]);
    const region = await screen.findByRole("region", { name: "Audit record" });
    expect(region).toHaveTextContent("level 3: signed, and on record under a signed head");
    expect(region).toHaveTextContent("3 computed here; its issuer claims 3");
    expect(region).toHaveTextContent("verified: by their own signature");
    expect(region).toHaveTextContent("1 of 2 tokens are here");
    expect(region).toHaveTextContent("1 task outside of this log, of which 1 by a handoff");
    expect(region).toHaveTextContent("deploy_site: denied");
    const steps = screen.getByRole("list", { name: "V1 steps", hidden: true });
    expect(steps).toHaveTextContent("passed: a compact JWS");
    expect(steps).toHaveTextContent("not checked: on record in a log");
    expect(steps).toHaveTextContent("does not apply: evidence at hand");
    await userEvent.click(screen.getByRole("button", { name: "entry 41" }));
    expect(onOpen).toHaveBeenCalledWith(41);
  });

  it("[XA-64] [INV-4] says what is missing here to tell who signed it, as neither passed nor failed", async () => {
    show([{ ...RECORD, level: 0, actorBy: "issuer", untold: "no trust anchor for ops.example" }]);
    const region = await screen.findByRole("region", { name: "Audit record" });
    expect(region).toHaveTextContent("cannot be checked");
    expect(region).toHaveTextContent("Missing hereno trust anchor for ops.example");
    expect(region).not.toHaveTextContent("does not verify");
    expect(region).not.toHaveTextContent("asserted by the enforcement point");
    expect(region).toHaveTextContent("claimed: who says so is not proven");
  });

  it("[XA-1] says that there is none yet, and nothing where none are kept", async () => {
    show([]);
    expect(await screen.findByText(/It is written a moment after/)).toBeVisible();
  });
});

describe("its words", () => {
  it("[XA-7] [XA-64] [INV-4] a claim never looks like a level that was found", () => {
    expect(levelMark({ level: 0, code: "audit_ect_mismatch", isCovered: true, untold: null })).toMatchObject({
      tone: "critical",
      label: "does not verify: audit_ect_mismatch",
    });
    expect(
      levelMark({ level: 0, code: null, isCovered: true, untold: "no trust anchor for ops.example" }),
    ).toMatchObject({
      tone: "notice",
      label: "cannot be checked",
    });
    expect(levelMark({ level: 2, code: null, isCovered: false, untold: null }).tone).toBe("notice");
    expect(levelMark({ level: 1, code: null, isCovered: false, untold: null }).tone).toBe("warning");
    expect(levelMark({ level: 3, code: null, isCovered: true, untold: null }).tone).toBe("good");
  });

  it("[INV-4] what is verified, the issuer's word and the console's word look different", () => {
    const looks = (["verified", "issuer", "asserted"] as const).map((actorBy) => actorMark({ actorBy, level: 3 }));
    // Nor is any of them what a record that does not verify says.
    looks.push(actorMark({ actorBy: "issuer", level: 0 }));
    expect(new Set(looks.map(({ label }) => label)).size).toBe(4);
    expect(new Set(looks.map(({ shape, tone }) => `${shape} ${tone}`)).size).toBe(4);
    expect(outcomeWords("partial")).toBe("done in part");
    expect(outcomeWords("x".repeat(99))).toHaveLength(34);
  });
});
