import { describe, expect, it } from "vitest";
import { enrolledOperator, until } from "../../api/dispatch/operator.fixture.ts";
import { orderAbout, orderOfTwo, startActing } from "../../api/dispatch/rollback.fixture.ts";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import type { Storage } from "../../engine/ports.ts";
import type { PlanStep } from "../../protocol/cascade/rollback-claims.ts";
import { CONFIRM_WITHIN_S } from "../../protocol/cascade/rollback-state.ts";
import { parseCompact, peekTyp } from "../../protocol/jose/compact.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { files, mortal } from "../rollback.fixture.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";
import { createUndoDesk } from "./undo-desk.ts";

const CORE = "spiffe://core.example/pep";
const METRO = "spiffe://metro.example/pep";

/** Core plans, metro carries and access only reads what metro made: its task changes nothing. */
function writingAcross(): RecordedRun {
  const run = runAcross([
    ["plan", "core.example", []],
    ["carry", "metro.example", ["plan"]],
    ["look", "access.example", ["carry"]],
  ]);
  const outputs = ["plan", "carry"];
  return {
    ...run,
    tasks: run.tasks.map((task) => ({ ...task, outputs: outputs.includes(task.id) ? [`${task.id}.out`] : [] })),
  };
}

async function acrossAndDone(refuses: (log: string) => boolean = () => false, storage?: Storage, clock = systemClock) {
  const open = await besideOthers(refuses, { clock }, storage);
  const { client } = open;
  const alice = await enrolledOperator(client);
  const bob = await enrolledOperator(client, "Bob");
  const { wid } = await startActing(alice, writingAcross());
  await until(client, async () => ((await client.workflow.get({ wid })).workflow.status === "finished" ? true : null));
  await (await open.desk()).settled();
  const aim = { wid, target: { kind: "workflow" as const, id: wid }, keepTarget: false };
  return { open, client, alice, bob, wid, aim };
}

/** What a domain's log says of its gateway's own acts in a rollback, in order. */
async function undoActs(open: Awaited<ReturnType<typeof besideOthers>>, domain: string, wid: string) {
  const { ledger } = must((await open.desk()).hosts.get(domain), "an open domain");
  await ledger.catchUp();
  return ledger
    .segment(wid)
    .entries.filter(({ execAct }) => execAct.startsWith("trail_undo") || execAct.endsWith("_back"))
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ execAct, outcome }) => (outcome === "success" ? execAct : `${execAct}: ${outcome}`));
}

const claimsOf = (compact: string) => {
  const parsed = parseCompact(compact);
  // What these tests look at of the tokens of a rollback.
  return must(parsed.ok ? parsed.value.payload : null, "a token") as {
    iss?: string;
    aud?: string[];
    phase?: string;
    rb_id?: string;
    status?: string;
    code?: string;
  };
};

/** Requests and results of a rollback in the console's log, in order. */
async function rollbackTokens(open: Awaited<ReturnType<typeof besideOthers>>, rbId: string) {
  const size = await open.host.engine.read((_state, head) => head.size);
  const found = [];
  for await (const chunk of open.storage.log.read("console.local", 0, size))
    for (const { seq, token } of chunk)
      if (peekTyp(token)?.startsWith("rollback-") === true && claimsOf(token).rb_id === rbId)
        found.push({ seq, compact: token, claims: claimsOf(token) });
  return found;
}

describe("a rollback across domains", { timeout: 60_000 }, () => {
  it("[CAS-36] [CAS-37] [CAS-38] [CAS-39] has each domain's gateway take part, and its log say what was undone and given back", async () => {
    const { open, client, alice, bob, wid, aim } = await acrossAndDone();
    expect(await files(open, wid)).toHaveLength(2);
    const all = { ...aim, bestEffort: false };
    const { plan, problem } = await client.rollback.rehearse(all);
    expect(problem).toBeNull();
    // Before anything is done: whose log has to take in which step, and who was handed what it made.
    expect(plan.steps.map(({ name, method, gateway }) => [name, method, gateway])).toEqual([
      ["look", "skip", null],
      ["carry", "restore", METRO],
      ["plan", "restore", CORE],
    ]);
    expect(plan.participants.map(({ agent }) => agent)).toEqual(expect.arrayContaining([CORE, METRO]));
    expect(plan.steps[1]?.tell).toEqual(expect.arrayContaining([METRO, "spiffe://access.example/pep"]));
    const { token } = await orderOfTwo(client, alice, bob, all);
    const { rbId } = await client.rollback.request({ token });
    const shown = await until(client, async () => {
      const view = await client.rollback.show({ rbId });
      return view.participants.every(({ acknowledged }) => acknowledged) ? view : null;
    });
    expect(shown.rollback.phase).toBe("confirmed");
    expect(shown.residues).toEqual([]);
    expect(shown.steps.map(({ status, restoredVerified }) => [status, restoredVerified])).toEqual([
      ["skipped", false],
      ["done", true],
      ["done", true],
    ]);
    expect(await files(open, wid)).toEqual([]);
    expect(await undoActs(open, "metro.example", wid)).toEqual([
      ...["trail_undo_prepare", "trail_undo", "trail_hand_back"],
      // From core, for what it had been handed itself.
      ...["trail_take_back", "trail_undo_confirm"],
    ]);
    expect(await undoActs(open, "core.example", wid)).toEqual([
      ...["trail_undo_prepare", "trail_undo", "trail_hand_back", "trail_undo_confirm"],
    ]);
    expect(await undoActs(open, "access.example", wid)).toEqual(["trail_take_back"]);
    const ect = await client.audit.inspect({ jti: must(shown.steps[1]?.resultEct, "an ECT says how it ended") });
    expect(ect.steps.filter(({ result }) => result === "failed")).toEqual([]);
    // The last word about each step is its gateway's, which the console's log holds as that one signed it.
    const logged = await rollbackTokens(open, rbId);
    expect(shown.steps.slice(1).map(({ entry }) => logged.find(({ seq }) => seq === entry)?.claims.iss)).toEqual([
      METRO,
      CORE,
    ]);
    // What goes from one domain to the next says nothing of the rollback: others get that too (XDA-S3).
    const desk = await open.desk();
    const between = ["core.example", "metro.example", "access.example"].flatMap((domain) => {
      const { entries } = must(desk.hosts.get(domain), "an open domain").ledger.segment(wid);
      return entries.filter(({ execAct }) => execAct.endsWith("_back"));
    });
    expect(between).toHaveLength(4);
    for (const { jti, wid: of } of between) {
      const held = desk.hosts.all().flatMap(({ ledger }) => ledger.audit(of, jti) ?? []);
      expect(JSON.stringify(claimsOf(must(held[0], "the same").compact))).not.toContain(rbId);
    }
    // And what was added leaves every log and every trail whole.
    const metro = must(desk.hosts.get("metro.example"), "an open domain");
    for (const { integrity } of [open.host, metro.host]) {
      await integrity.verify();
      expect(integrity.state().state).toBe("intact");
    }
    const trail = await trailOf(open, wid);
    expect([trail.problems, trail.gaps]).toEqual([[], []]);
    // What was asked is asked again without effect, with another plan or after the end it is refused, and nobody else asks.
    const said = async (phase: string, steps: PlanStep[], ask = desk.undo) => {
      const asked = must(
        logged.findLast(({ claims }) => claims.phase === phase && claims.aud?.includes(METRO) === true),
        "metro was asked",
      );
      const answers = await ask({ to: METRO, token: asked.compact, plan: steps });
      return answers.map((answer) => claimsOf(answer)).map(({ status, code }) => [status, code]);
    };
    const steps = await open.host.engine.read((state) => [...(state.rollbacks.get(rbId)?.run?.request.steps ?? [])]);
    expect(await said("prepare", steps)).toEqual([["refused", "rollback_finished"]]);
    expect(await said("prepare", steps.slice(1))).toEqual([["refused", "rollback_plan_changed"]]);
    expect(await said("execute", steps)).toEqual([]);
    expect(await said("confirm", steps)).toEqual([["done", undefined]]);
    // Nor does it wait for the borders of others while its trail is whole.
    const { engine, ports } = open.host;
    const borders = { look: () => undefined, settled: () => new Promise<never>(() => undefined) };
    const busy = createUndoDesk({ ...ports, engine, hosts: desk.hosts, borders });
    expect(await said("prepare", steps, busy.answer)).toEqual([["refused", "rollback_finished"]]);
    busy.close();
    const forged = await orderAbout(client, alice, rbId, "confirm", { aud: [METRO] });
    expect(await desk.undo({ to: METRO, token: forged, plan: steps })).toEqual([]);
    const acts = await undoActs(open, "metro.example", wid);
    expect(acts.filter((act) => act === "trail_undo")).toHaveLength(1);
    expect(acts.filter((act) => act.startsWith("trail_undo_prepare"))).toEqual([
      "trail_undo_prepare",
      "trail_undo_prepare: denied",
      "trail_undo_prepare: denied",
    ]);
    open.host.close();
  });

  it("[CAS-37] [CAS-16] asks a person where what was handed on is not taken back, and is no success", async () => {
    let blocked = false;
    const { open, client, alice, bob, wid, aim } = await acrossAndDone((log) => blocked && log === "access.example");
    blocked = true;
    const { token } = await orderOfTwo(client, alice, bob, { ...aim, bestEffort: true });
    const { rbId } = await client.rollback.request({ token });
    const left = await until(client, async () => {
      const view = await client.rollback.show({ rbId });
      return view.rollback.needsPerson ? view : null;
    });
    expect(left.rollback.phase).toBe("partial");
    expect(left.residues.map(({ name, why, code, residue }) => [name, why, code, residue])).toEqual([
      ["carry", "partial", "trail_not_taken_back", ["access.example has not taken back what had been handed to it"]],
    ]);
    const confirmed = await client.rollback.confirm({ token: await orderAbout(client, alice, rbId, "confirm") });
    expect(confirmed.phase).toBe("confirmed");
    expect(await files(open, wid)).toEqual([]);
    await until(client, async () =>
      (await undoActs(open, "metro.example", wid)).includes("trail_undo_confirm") ? true : null,
    );
    open.host.close();
  });

  it("[CAS-38] [CAS-37] says in its own log that nobody confirmed, as of an unconfirmed commit", async () => {
    const due = new Set<() => void>();
    const clock = {
      ...systemClock,
      after: (ms: number, run: () => void) => {
        if (ms !== CONFIRM_WITHIN_S * 1000) return systemClock.after(ms, run);
        due.add(run);
        return () => void due.delete(run);
      },
    };
    let confirmed = false;
    const memory = createMemoryStorage();
    const { open, client, alice, bob, wid, aim } = await acrossAndDone(
      (log) => confirmed && log === "metro.example",
      memory,
      clock,
    );
    // From the console's word on metro's log takes nothing: it never hears that the rollback is confirmed.
    open.host.engine.onAppend((logged) => {
      confirmed ||= logged.some(({ fact }) => fact.typ === "record+jwt" && fact.claims.data.event === "confirm");
    });
    const { token } = await orderOfTwo(client, alice, bob, { ...aim, bestEffort: false });
    const { rbId } = await client.rollback.request({ token });
    await until(client, async () => {
      const { participants } = await client.rollback.show({ rbId });
      return participants.every(({ agent, acknowledged }) => acknowledged !== (agent === METRO)) ? true : null;
    });
    confirmed = false;
    expect(due.size).toBeGreaterThan(0);
    for (const run of [...due]) run();
    await until(client, async () =>
      (await undoActs(open, "metro.example", wid)).includes("trail_undo_lapse: failure") ? true : null,
    );
    expect(await undoActs(open, "core.example", wid)).not.toContain("trail_undo_lapse: failure");
    open.host.close();
    // A new start of the console, long after, tells it all the same.
    const later = { ...systemClock, nowMs: () => systemClock.nowMs() + 2 * CONFIRM_WITHIN_S * 1000 };
    const again = await besideOthers(undefined, { clock: later }, memory);
    await until(again.client, async () =>
      (await undoActs(again, "metro.example", wid)).at(-1) === "trail_undo_confirm" ? true : null,
    );
    again.host.close();
  });

  it.each([4, 6])(
    "[CAS-38] [CAS-25] goes on to the same end when the console dies after %i words of it",
    async (words) => {
      const memory = createMemoryStorage();
      const dying = mortal(memory);
      const first = await acrossAndDone(() => false, dying.storage);
      const { token } = await orderOfTwo(first.client, first.alice, first.bob, { ...first.aim, bestEffort: false });
      dying.arm(words);
      first.client.rollback.request({ token }).catch(() => undefined);
      await dying.death;
      first.open.host.close();
      const again = await besideOthers(undefined, {}, memory);
      const [rbId = ""] = await again.host.engine.read((state) => [...state.rollbacks.keys()]);
      await until(again.client, async () => {
        const view = await again.client.rollback.show({ rbId });
        return view.participants.every(({ acknowledged }) => acknowledged) ? view : null;
      });
      expect((await again.client.rollback.show({ rbId })).rollback.phase).toBe("confirmed");
      expect(await undoActs(again, "core.example", first.wid)).toEqual([
        ...["trail_undo_prepare", "trail_undo", "trail_hand_back", "trail_undo_confirm"],
      ]);
      again.host.close();
    },
  );
});
