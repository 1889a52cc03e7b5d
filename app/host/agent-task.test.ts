import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { smallRun } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { sha256 } from "../engine/engine.fixture.ts";
import type { Engine } from "../engine/engine.ts";
import { hitlRequestClaimsSchema } from "../protocol/acp/claims.ts";
import { namedValues } from "../protocol/behavior/named-values.ts";
import { intentClaimsSchema } from "../protocol/ect/claims.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { RunTask } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { agentTask } from "./agent-task.ts";
import { forgetNames, valueNames } from "./value-names.ts";

const PLACE = { wid: "w", jti: "j", pred: [], acp: { jti: "a", hash: "h" } };
const recorded = (change: Partial<RunTask>): RunTask => ({
  ...must(smallRun().tasks[0], "a task"),
  ...change,
});

describe("a recorded task as its agent is told of it", () => {
  it.each([
    ["a time in nanoseconds", { at: 1_772_064_000_123_456_800 }],
    ["half a surrogate pair", { text: "\ud800" }],
    ["more than a token holds", { text: "x".repeat(5000) }],
    ["nothing", {}],
  ])("[ACP-36] [COM-13] offers no arguments to be changed that hold %s", (_what, args) => {
    expect(agentTask(recorded({ args }), sha256, PLACE).args).toBeNull();
  });

  it("[ACP-36] offers the others as they are", () => {
    expect(agentTask(recorded({ args: { files: ["a", "b"], replicas: 3 } }), sha256, PLACE).args).toEqual({
      files: ["a", "b"],
      replicas: 3,
    });
  });

  it("[CAS-7] states how often it was tried before, where it was", () => {
    expect(agentTask(recorded({ attempt: 2 }), sha256, PLACE).needs.attempt).toBe(2);
    expect(agentTask(recorded({}), sha256, PLACE).needs).not.toHaveProperty("attempt");
  });

  it.each([
    ["too many", Array.from({ length: 65 }, (_, at) => `file-${at}`)],
    ["too long a", ["x".repeat(1025)]],
    ["together too long", Array.from({ length: 10 }, (_, at) => `${at}`.padEnd(500, "x"))],
  ])("[ECT-57] states no resources where they are %s name for a token", (_what, inputs) => {
    expect(agentTask(recorded({ inputs, outputs: [] }), sha256, PLACE).needs.resources).toBeUndefined();
  });

  it("[ECT-57] [ACP-36] states nothing that a token could not carry, whatever was recorded", async () => {
    const { signer } = await generateSigner();
    const names = fc.array(fc.string({ unit: "binary", maxLength: 1500 }), { maxLength: 80 });
    const usage = fc.record({
      model: fc.constant(null),
      inputTokens: fc.option(fc.nat()),
      outputTokens: fc.option(fc.nat()),
      cost: fc.option(fc.record({ amount: fc.string(), currency: fc.string() })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        names,
        names,
        usage,
        async (args, inputs, outputs, used) => {
          const change = { args, inputs, outputs, usage: used } as Partial<RunTask>; // As an importer makes it.
          const nameOf = (args: RunTask["args"]) =>
            Object.fromEntries(namedValues(args).map(([pointer]) => [pointer, "x".repeat(22)]));
          const { needs, args: carried } = agentTask(recorded(change), sha256, PLACE, false, nameOf);
          expect(intentClaimsSchema.shape.needs.safeParse(needs).success).toBe(true);
          expect(hitlRequestClaimsSchema.shape.task.shape.args.safeParse(carried ?? undefined).success).toBe(true);
          expect(parseCompact(await signToken("x+jwt", { needs, args: carried }, signer)).ok).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("names of the values of arguments", () => {
  it("[BEH-63] [ECT-S11] are the same for a value in one workflow, wherever it stands, and for nobody else", async () => {
    const { values } = createMemoryStorage();
    const names = must(await valueNames(values, "w1"), "there is room for a key");
    const first = names({ order_id: "#W1", count: 1 });
    const other = names({ find: { order: "#W1", count: "1" } });
    expect(Object.keys(first)).toEqual(["/count", "/order_id"]);
    expect(other["/find/order"]).toBe(first["/order_id"]);
    // A number is not its digits.
    expect(other["/find/count"]).not.toBe(first["/count"]);
    expect(JSON.stringify([first, other])).not.toContain("W1");
    // After the host was opened again; in another workflow; with another host's key.
    expect(must(await valueNames(values, "w1"), "a key")({ order_id: "#W1", count: 1 })).toEqual(first);
    for (const elsewhere of [await valueNames(values, "w2"), await valueNames(createMemoryStorage().values, "w1")])
      expect(must(elsewhere, "a key")({ order_id: "#W1" })["/order_id"]).not.toBe(first["/order_id"]);
  });

  it("[BEH-63] have a key as long as their workflow goes on, and no longer", async () => {
    const { values } = createMemoryStorage();
    for (const wid of ["going", "stopped", "over", "unknown"]) await valueNames(values, wid);
    const states = { going: "running", stopped: "stopped", over: "finished" };
    const workflows = new Map(Object.entries(states).map(([wid, status]) => [wid, { status }]));
    const read = async (reader: Parameters<Engine["read"]>[0]) => reader({ workflows } as never, {} as never); // what is read of it
    const before = must(await valueNames(values, "stopped"), "a key")({ order_id: "#W1" });
    await forgetNames(values, { read } as Pick<Engine, "read">);
    expect(await values.keys("value-names/")).toEqual({
      ok: true,
      value: ["value-names/going", "value-names/stopped"],
    });
    expect(must(await valueNames(values, "stopped"), "a key")({ order_id: "#W1" })).toEqual(before);
  });

  it("[BEH-63] are few and bounded, the outermost first, whatever the arguments are", () => {
    const pointers = (args: RunTask["args"]) => namedValues(args).map(([pointer]) => pointer);
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`a${String(at).padStart(2, "0")}`, at]));
    expect(pointers({ deep: { order: "x" }, ...many })).toHaveLength(8);
    expect(pointers({ deep: { order: "x" }, z: "y" })).toEqual(["/z", "/deep/order"]);
    expect(pointers({ "a/b~c": "x" })).toEqual(["/a~1b~0c"]);
    const nothing = { yes: true, no: null, part: 0.5, empty: "", long: "x".repeat(300), half: "\ud800" };
    expect(pointers(nothing)).toEqual([]);
  });
});
