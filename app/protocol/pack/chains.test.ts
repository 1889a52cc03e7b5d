import { expect, it } from "vitest";
import { chainsOf, type ToldEntry } from "./chains.ts";

const agent = "spiffe://console.local/agent/w/deployer";
const human = "spiffe://console.local/human/alice";
const pep = "spiffe://console.local/pep";

let seq = 0;
const entry = (typ: string, claims: ToldEntry["claims"]): ToldEntry => {
  seq += 1;
  return { seq, receivedAt: 1_772_064_000 + seq, typ, claims };
};
const record = (kind: string, data: ToldEntry["claims"]): ToldEntry =>
  entry("record+jwt", { iss: pep, wid: "w", kind, data });

it("[J7] [XA-36] puts what was asked, held, decided, let through and done together, one chain for each action", () => {
  seq = 0;
  const entries = [
    entry("intent+jwt", { iss: agent, wid: "w", task: "t1", exec_act: "deploy_site", target: "site" }),
    record("gate_required", { task: "t1" }),
    entry("hitl-request+jwt", {
      iss: agent,
      wid: "w",
      jti: "r1",
      task: { jti: "t1", exec_act: "deploy_site", args: { a: 1 } },
    }),
    entry("intent+jwt", { iss: agent, wid: "w", task: "t2", exec_act: "read_site" }),
    record("refused", { task: "t2", code: "override_active" }),
    entry("hitl-decision+jwt", { iss: human, request: { jti: "r1" }, outcome: "approve", reason: "checked" }),
    // Its own report of the decision is no action that somebody asked for.
    entry("exec+jwt", { iss: human, wid: "w", jti: "n1", exec_act: "hitl_decision", pred: [] }),
    record("permitted", { task: "t1" }),
    record("effect_started", { task: "t1" }),
    entry("exec+jwt", { iss: agent, wid: "w", jti: "t1", ect_ext: { "org.signalbox.outcome": "success" } }),
  ];
  expect(chainsOf(entries)).toEqual([
    {
      ...{ task: "t1", wid: "w", action: "deploy_site", agent, target: "site", args: '{"a":1}' },
      ...{ at: 1_772_064_001, asked: 1, request: 3 },
      decisions: [{ seq: 6, by: human, outcome: "approve", reason: "checked" }],
      records: [
        { seq: 2, kind: "gate_required", code: null },
        { seq: 8, kind: "permitted", code: null },
        { seq: 9, kind: "effect_started", code: null },
      ],
      result: { seq: 10, outcome: "success" },
    },
    {
      ...{ task: "t2", wid: "w", action: "read_site", agent, target: null, args: null },
      ...{ at: 1_772_064_004, asked: 4, request: null, decisions: [], result: null },
      records: [{ seq: 5, kind: "refused", code: "override_active" }],
    },
  ]);
});

it("[XA-36] an agent of another workflow that takes the id of a task puts no words into its chain", () => {
  seq = 0;
  const other = { iss: "spiffe://console.local/agent/v/other", wid: "v" };
  const chains = chainsOf([
    entry("intent+jwt", { iss: agent, wid: "w", task: "t1", exec_act: "deploy_site", target: "site" }),
    entry("intent+jwt", { ...other, task: "t1", exec_act: "read_site" }),
    entry("record+jwt", { iss: pep, wid: "v", kind: "permitted", data: { task: "t1" } }),
    entry("exec+jwt", { ...other, jti: "t1", ect_ext: { "org.signalbox.outcome": "success" } }),
  ]);
  expect(chains).toMatchObject([
    { action: "deploy_site", agent, records: [], result: null },
    { action: "read_site", agent: other.iss, records: [{ seq: 3 }], result: { seq: 4 } },
  ]);
});

it("[XA-36] takes odd claims as they come: nothing in a chain is anything but a text or a number", () => {
  seq = 0;
  const odd = [
    entry("intent+jwt", { task: 7, exec_act: ["x"], iss: null }),
    entry("hitl-request+jwt", { task: "no object", jti: {} }),
    entry("hitl-decision+jwt", { request: null, outcome: 3 }),
    record("permitted", { task: { a: 1 } }),
    entry("exec+jwt", { jti: [] }),
  ];
  for (const chain of chainsOf(odd)) {
    expect([typeof chain.action, typeof chain.agent, typeof chain.task]).toEqual(["string", "string", "string"]);
    expect(chain.target === null || typeof chain.target === "string").toBe(true);
  }
});
