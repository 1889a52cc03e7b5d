import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { codeOf } from "../override/orders.fixture.ts";
import { ordered, type RollbackBench, rollbackBench } from "./rollback-bench.fixture.ts";

/** A rollback that is over and has left one mail that cannot be taken back, at step 1 of its plan. */
async function leftMail() {
  const bench = await rollbackBench();
  const { hash } = await bench.checkpoint("a");
  await bench.act("a");
  await bench.act("mail", ["a"], { effect: true, kind: "impossible" });
  const { rbId, answer, result } = await ordered(bench, "a", true);
  const word = (verb: string, more: object = {}, person = bench.bob) => wordOf(bench, rbId, verb, more, person);
  const early = codeOf(await word("settle", { reason: "told them" }));
  await answer({});
  await result("a", { status: "done", restored_hash: hash });
  const held = () =>
    bench.engine.read((state) => structuredClone(must(state.rollbacks.get(rbId), "the rollback").residues));
  return { bench, rbId, word, early, held };
}

async function wordOf(bench: RollbackBench, rbId: string, verb: string, more: object, person: RollbackBench["bob"]) {
  const { n } = must(
    (await bench.run(rbId)).request.steps.find(({ task }) => task === bench.task("mail")),
    "the step of the mail",
  );
  const by = { auth_time: bench.nowS(), amr: ["pwd"], role: "operator" };
  return bench.submit(await bench.say(person, { rb_id: rbId, n, verb, ...by, ...more }, "residue-handling+jwt"));
}

const UNKNOWN = "0195400c-0000-4000-8000-0000000000ff";

describe("what a rollback has left", () => {
  it("[CAS-33] [J6] is assigned, settled with its reason and opened again, each by a person with the role", async () => {
    const { bench, word, early, held } = await leftMail();
    expect(early).toBe("residue_not_final");
    expect(codeOf(await word("assign", { assignee: bench.bob.id }))).toBe("accepted");
    expect([...(await held()).values()]).toMatchObject([{ assignee: bench.bob.id, settled: null }]);
    expect(codeOf(await word("reopen", { reason: "why not" }))).toBe("residue_state");
    expect(codeOf(await word("settle", { reason: "all customers were told" }))).toBe("accepted");
    expect(codeOf(await word("settle", { reason: "again" }))).toBe("residue_state");
    expect([...(await held()).values()]).toMatchObject([
      { assignee: bench.bob.id, settled: { by: bench.bob.id, at: bench.nowS(), reason: "all customers were told" } },
    ]);
    expect(codeOf(await word("reopen", { reason: "one was missed" }))).toBe("accepted");
    expect([...(await held()).values()]).toMatchObject([{ settled: null, reopened: "one was missed" }]);
  });

  it.each([
    ["by a viewer", "viewer", "settle", { reason: "done" }, "rollback_denied"],
    ["of a step that left nothing", "operator", "settle", { reason: "done", n: 2 }, "residue_unknown"],
    ["of no rollback", "operator", "settle", { reason: "done", rb_id: UNKNOWN }, "rollback_unknown"],
    [
      "to nobody who is known",
      "operator",
      "assign",
      { assignee: "spiffe://console.local/human/zed" },
      "residue_assignee_unknown",
    ],
    ["to an agent", "operator", "assign", { assignee: "spiffe://console.local/agent/x" }, "residue_assignee_unknown"],
    ["without how", "operator", "settle", {}, "token_claim_invalid"],
  ])("[CAS-33] is not handled %s", async (_, role, verb, more, code) => {
    const { bench, word, held } = await leftMail();
    const person = await bench.person("zoe", [role]);
    expect(codeOf(await word(verb, more, person))).toBe(code);
    expect((await held()).size).toBe(0);
  });

  it("[CAS-33] [CAS-25] stands after a new start", async () => {
    const { bench, word, held, rbId } = await leftMail();
    await word("settle", { reason: "all customers were told" });
    const again = await bench.reopen();
    expect(await again.read((state) => state.rollbacks.get(rbId)?.residues)).toEqual(await held());
  });
});
