import { expect, it } from "vitest";
import { utf8 } from "../app/base/bytes.ts";
import { createDomain, LEDGER, NOW } from "../app/protocol/audit/audit.fixture.ts";
import { EXAMPLE_IAT } from "../app/protocol/ect/ect.fixture.ts";
import { runCli } from "./cli.ts";

it("[XA-7] [XA-13] token verify answers V1 of an audit token from its line alone, with the level it comes to", async () => {
  const domain = await createDomain();
  const token = await domain.sign({ level: 3 });
  const along = {
    wits: [domain.wit],
    ects: [{ token: domain.second, received_at: EXAMPLE_IAT + 10 }],
    receipts: [await domain.receipt(token)],
    logs: [LEDGER],
  };
  const jwks = [domain.log, domain.gateway, domain.planner].map(({ jwk, trusted }) => ({
    ...jwk,
    sub: trusted.subject,
  }));
  const line = { token, type: "exec-audit+jwt", jwks, audience: LEDGER, at: NOW };
  const lines = [
    { ...line, along },
    { ...line, along: { ...along, receipts: [] } },
    { ...line, along: { ...along, wits: [] } },
    { ...line, along: { ...along, ects: [] } },
    { ...line, along: { ...along, logs: [] } },
    line,
  ];
  const answers: { ok: boolean; audit?: { code: string | null; level: number; external: string[] } }[] = [];
  async function* input() {
    for (const one of lines) yield utf8(`${JSON.stringify(one)}\n`);
  }
  const done = await runCli(["token", "verify"], input(), async (text) => {
    answers.push(JSON.parse(text) as (typeof answers)[number]); // What the command has just written.
  });
  expect(done.ok).toBe(true);
  expect(answers.map(({ audit }) => audit?.code ?? `level ${audit?.level ?? "not asked for"}`)).toEqual([
    "level 3",
    "audit_level_claim_false",
    "audit_idp_unsupported",
    "audit_ect_mismatch",
    "receipt_log_unknown",
    "level not asked for",
  ]);
  expect(answers.every(({ ok }) => ok)).toBe(true);
  // The task before it was not on the line.
  expect(answers[0]?.audit?.external).toHaveLength(1);
});
