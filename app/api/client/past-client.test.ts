import { expect, it } from "vitest";
import { contract } from "../contract/contract.ts";
import type { SignalboxClient } from "./client.ts";
import { pastClient } from "./past-client.ts";
import { problemOf } from "./problem.ts";

/** A host that tells what it was asked. */
function asked(): { readonly client: SignalboxClient; readonly calls: unknown[] } {
  const calls: unknown[] = [];
  const call = (name: string) => async (input: unknown) => calls.push([name, input]);
  const area = (name: string, operations: readonly string[]) =>
    Object.fromEntries(operations.map((operation) => [operation, call(`${name}.${operation}`)]));
  const client = {
    workflow: area("workflow", ["list", "states", "graph", "playback", "start"]),
    gate: area("gate", ["queue", "decide"]),
    override: area("override", ["signal"]),
    policy: area("policy", ["decide"]),
    audit: area("audit", ["entry", "why"]),
  };
  return { client: client as unknown as SignalboxClient, calls }; // the operations that are called here
}

it("[XA-43] reads as of the entry, lets through what is the same at all times, and refuses everything else", async () => {
  const { client, calls } = asked();
  const past = pastClient(client, 12);
  const wid = "00000000-0000-4000-8000-000000000000";
  await past.workflow.list();
  await past.workflow.states({ wid });
  await past.gate.queue({ state: "pending" });
  await past.audit.why({ seq: 3 });
  await past.workflow.graph({ digest: "x" });
  await past.audit.entry({ seq: 40 });
  expect(calls).toEqual([
    ["workflow.list", { at: 12 }],
    ["workflow.states", { wid, at: 12 }],
    ["gate.queue", { state: "pending", at: 12 }],
    ["audit.why", { seq: 3, at: 12 }],
    ["workflow.graph", { digest: "x" }],
    ["audit.entry", { seq: 40 }],
  ]);
  calls.length = 0;
  const tried = await Promise.allSettled([
    past.workflow.playback({ wid, paused: true }),
    past.gate.decide({ token: "a.b.c", node: "a.b.c" }),
    past.override.signal({ token: "a.b.c" }),
    // It would be decided as of now.
    past.policy.decide({ policy: { jti: wid }, action: { agent: "spiffe://a/b", execAct: "x" } }),
  ]);
  expect(tried.map((one) => one.status === "rejected" && problemOf(one.reason).code)).toEqual(
    Array(4).fill("past_view"),
  );
  expect(calls).toEqual([]);
});

it("[XA-42] [XA-43] reads every state that the contract has, and does nothing that it can do", async () => {
  const areas = [
    "workflow",
    "gate",
    "override",
    "cascade",
    "policy",
    "rollback",
    "liveness",
    "drill",
    "identity",
  ] as const;
  const answers = named(() => named(() => async () => "answered"));
  // Asked by name: which operations there are is what is looked at.
  const past = pastClient(answers as SignalboxClient, 12) as unknown as Record<
    string,
    Record<string, () => Promise<unknown>>
  >; // operations by area
  const found: string[][] = [];
  for (const area of areas)
    for (const [operation, { "~orpc": about }] of Object.entries(contract[area])) {
      const answer = await past[area]?.[operation]?.().catch((error: unknown) => problemOf(error).code);
      found.push([`${area}.${operation}`, about.route.method ?? "", String(answer)]);
    }
  expect(found.length).toBeGreaterThan(40);
  expect(found).toEqual(found.map(([name, method]) => [name, method, method === "GET" ? "answered" : "past_view"]));
});

function named(member: () => unknown): object {
  return new Proxy({}, { get: () => member() });
}
