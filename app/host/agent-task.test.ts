import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { smallRun } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { sha256 } from "../engine/engine.fixture.ts";
import { hitlRequestClaimsSchema } from "../protocol/acp/claims.ts";
import { intentClaimsSchema } from "../protocol/ect/claims.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { RunTask } from "../protocol/run/recorded-run.ts";
import { agentTask } from "./agent-task.ts";

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
          const { needs, args: carried } = agentTask(recorded(change), sha256, PLACE);
          expect(intentClaimsSchema.shape.needs.safeParse(needs).success).toBe(true);
          expect(hitlRequestClaimsSchema.shape.task.shape.args.safeParse(carried ?? undefined).success).toBe(true);
          expect(parseCompact(await signToken("x+jwt", { needs, args: carried }, signer)).ok).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
