import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { sha256, taskId } from "../ect/ect.fixture.ts";
import {
  accepted,
  agent,
  checkpointOf,
  codeOf,
  commandOf,
  HASH,
  inputOf,
  NOW_S,
  rehearse,
  requested,
  undoTask,
} from "./rollback.fixture.ts";
import { decideRollback, outstandingOf, type RollbackDecision, requestRollback } from "./rollback-coordinator.ts";
import { type RollbackEvent, type RollbackState, residuesOf } from "./rollback-state.ts";

const [WORKER, CLERK] = [agent("worker"), agent("clerk")];
const OPERATOR = "spiffe://ops.example/human/ann";

/** 1 restored by the worker after 2 was compensated by the clerk. */
function planOf(more: readonly ReturnType<typeof undoTask>[] = []) {
  const compensation = { agent: CLERK, cost: null };
  const tasks = [undoTask(1), undoTask(2, { agent: CLERK, pred: [taskId(1)], compensation }), ...more];
  return rehearse(inputOf(tasks, [checkpointOf(1)]));
}

/** Takes events one after the other; the last decision. */
function take(events: readonly RollbackEvent[], from: RollbackState | null = null): RollbackDecision {
  const last = events.reduce<RollbackDecision | null>(
    (decision, event) => accepted(decideRollback(decision?.state ?? from, event)),
    null,
  );
  return must(last, "at least one event");
}

const plan = planOf();
const { planHash } = plan;
const ready = (name: string): RollbackEvent => ({
  kind: "answered",
  agent: name,
  planHash,
  status: "ready",
  atS: NOW_S,
});
const done = (name: string, n: number, change: object = {}): RollbackEvent => {
  return { kind: "result", agent: name, n, status: "done", residue: [], atS: NOW_S + 2, ...change };
};
const restored = (change: object = {}) => done(WORKER, 2, { restoredHash: HASH, ...change });
const go: RollbackEvent = { kind: "execute", atS: NOW_S + 1 };
const begun = (effort = false): RollbackEvent[] => [
  requested(plan, { bestEffort: effort }),
  ready(WORKER),
  ready(CLERK),
  go,
];
const confirm = (revision: number | null): RollbackEvent => {
  const manual = revision === null ? null : { operator: OPERATOR, reason: "told them", revision };
  return { kind: "confirm", manual, atS: NOW_S + 9 };
};

describe("a request", () => {
  const refused = (change: object): string => codeOf(requestRollback(commandOf(plan, change), sha256));

  it("[CAS-S4] needs authority, and is for exactly what was approved", () => {
    expect(refused({})).toBe("ok");
    expect(refused({ authority: null })).toBe("rollback_denied");
    expect(refused({ approvedHash: HASH })).toBe("rollback_plan_changed");
    const grown = planOf([undoTask(3, { effect: false, pred: [taskId(2)] })]);
    expect(refused({ plan: grown })).toBe("rollback_plan_changed");
  });

  it("[CAS-15] has no effect when anything is irreversible and all or nothing was asked for", () => {
    const stuck = planOf([undoTask(3)]);
    const command = { plan: stuck, approvedHash: stuck.planHash };
    expect(refused(command)).toBe("rollback_irreversible");
    expect(refused({ ...command, bestEffort: true })).toBe("ok");
  });

  it("[CAS-S4] the same again changes nothing; another under its id is refused; a finished one stays finished", () => {
    const { state } = take(begun());
    expect(accepted(decideRollback(state, requested(plan)))).toEqual({ state, outputs: [] });
    const other = planOf([undoTask(3, { effect: false })]);
    expect(codeOf(decideRollback(state, requested(other)))).toBe("rollback_plan_changed");
    const over = take([...begun(), done(CLERK, 1), restored(), confirm(null)]).state;
    for (const event of [requested(plan), restored({ status: "failed" })])
      expect(codeOf(decideRollback(over, event))).toBe("rollback_finished");
    expect(accepted(decideRollback(over, go.kind === "execute" ? confirm(null) : go)).state).toBe(over);
  });
});

describe("two phases", () => {
  it("[CAS-25] asks all, begins when all are ready, and says so in its log first", () => {
    const asked = take([requested(plan)]);
    expect(asked.outputs).toEqual([CLERK, WORKER].map((to) => ({ kind: "send", to, phase: "prepare" })));
    expect(take([ready(CLERK)], asked.state).outputs).toEqual([]);
    const both = take([ready(CLERK), ready(WORKER)], asked.state);
    expect([both.state.phase, both.outputs]).toEqual(["ready", [{ kind: "proceed", word: "execute" }]]);
    expect(take([go], both.state).outputs).toEqual([{ kind: "send", to: CLERK, phase: "execute", steps: [1] }]);
  });

  it("[CAS-14] a step goes out when what it waits for is done, not before", () => {
    const { state } = take(begun());
    expect(codeOf(decideRollback(state, restored()))).toBe("rollback_step_unasked");
    expect(take([done(CLERK, 1)], state).outputs).toEqual([{ kind: "send", to: WORKER, phase: "execute", steps: [2] }]);
  });

  it("[CAS-15] one that is not ready, or does not answer in time, ends it before anything is done", () => {
    const no: RollbackEvent = {
      kind: "answered",
      agent: CLERK,
      planHash,
      status: "refused",
      code: "rollback_locked",
      atS: NOW_S,
    };
    const refused = take([requested(plan), ready(WORKER), no]).state;
    expect([refused.phase, refused.stopped?.code, residuesOf(refused)]).toEqual(["refused", "rollback_locked", []]);
    expect(outstandingOf(refused)).toEqual([CLERK, WORKER].map((to) => ({ kind: "send", to, phase: "abort" })));
    const early = take([requested(plan), ready(WORKER), { kind: "tick", atS: NOW_S + 59 }]);
    expect([early.state.phase, early.outputs]).toEqual(["preparing", [{ kind: "send", to: CLERK, phase: "prepare" }]]);
    const late = take([{ kind: "tick", atS: NOW_S + 60 }], early.state).state;
    expect([late.phase, late.stopped?.code]).toEqual(["refused", "rollback_no_answer"]);
    const effort = take([requested(plan, { bestEffort: true }), ready(WORKER), no, go]).state;
    expect(residuesOf(effort).map(({ n, why, code }) => [n, why, code])).toEqual([
      [1, "refused", "rollback_locked"],
      [2, "blocked", null],
    ]);
  });

  it("[CAS-S4] a stranger, somebody else's step and another plan are refused", () => {
    const { state } = take([requested(plan)]);
    expect(codeOf(decideRollback(state, ready(agent("mallory"))))).toBe("rollback_participant_denied");
    const other = { ...ready(WORKER), planHash: HASH } as RollbackEvent; // The union forgets that it has a planHash.
    expect(codeOf(decideRollback(state, other))).toBe("rollback_plan_changed");
    expect(codeOf(decideRollback(take(begun()).state, done(WORKER, 1)))).toBe("rollback_participant_denied");
    expect(
      codeOf(
        decideRollback(take(begun()).state, { ...done(CLERK, 1), kind: "manual", operator: OPERATOR } as RollbackEvent),
      ),
    ).toBe("rollback_participant_denied"); // As above.
    expect(codeOf(decideRollback(state, go))).toBe("rollback_wrong_phase");
  });

  it("an operator's abort before the first step leaves nothing, and after it what is left is told", () => {
    const abort: RollbackEvent = { kind: "abort", operator: OPERATOR, atS: NOW_S + 2 };
    expect(take([requested(plan), ready(WORKER), abort]).state.phase).toBe("aborted");
    expect(take([requested(plan), ready(WORKER), ready(CLERK), abort]).state.phase).toBe("aborted");
    const waits = take([...begun(), abort]);
    expect(waits.state.phase).toBe("executing");
    const { state } = take([done(CLERK, 1)], waits.state);
    expect([state.phase, residuesOf(state).map(({ n, why }) => [n, why])]).toEqual(["failed", [[2, "not_run"]]]);
  });
});

describe("the end", () => {
  it("is confirmed by the coordinator when all is back, and told until everybody has heard it", () => {
    const { state, outputs } = take([...begun(), done(CLERK, 1), restored()]);
    expect([state.phase, outputs]).toEqual(["completed", [{ kind: "proceed", word: "confirm" }]]);
    const last = take([confirm(null)], state);
    expect(last.outputs).toEqual([CLERK, WORKER].map((to) => ({ kind: "send", to, phase: "confirm" })));
    const heard = take([{ kind: "acknowledged", agent: CLERK, phase: "confirm", atS: NOW_S }], last.state);
    expect(outstandingOf(heard.state)).toEqual([{ kind: "send", to: WORKER, phase: "confirm" }]);
  });

  it.each([
    ["another digest", { restoredHash: "x".repeat(43) }],
    ["none", { restoredHash: undefined }],
  ])("[CAS-S5] a restore that came out with %s has failed, whatever its participant says", (_, change) => {
    const { state } = take([...begun(), done(CLERK, 1), restored(change)]);
    expect(state.phase).toBe("failed");
    expect(residuesOf(state)).toMatchObject([{ n: 2, why: "failed", code: "rollback_state_mismatch" }]);
  });

  it.each([
    ["the same", HASH, "completed", []],
    ["another state", "x".repeat(43), "failed", [{ n: 2, why: "failed", code: "rollback_state_mismatch" }]],
  ])("[CAS-S5] where the host looks itself, a restore counts by what it finds: %s", (_, foundHash, phase, left) => {
    const found: RollbackEvent = { kind: "found", n: 2, foundHash, atS: NOW_S + 2 };
    const { state } = take([...begun(), done(CLERK, 1), found, restored()]);
    expect(state.phase).toBe(phase);
    expect(residuesOf(state)).toMatchObject(left);
    expect(take([found], state).state).toBe(state);
  });

  it("[CAS-16] [CAS-26] with something left, a person confirms what was shown, and nothing newer", () => {
    const partial = done(CLERK, 1, { status: "partial", residue: ["the letter was sent"] });
    const { state, outputs } = take([...begun(true), partial, restored()]);
    expect(state.phase).toBe("partial");
    expect(outputs[0]).toEqual({ kind: "signal", code: "rollback_partial" });
    expect(residuesOf(state)).toMatchObject([
      { n: 1, why: "partial", residue: ["the letter was sent"], tell: [CLERK] },
    ]);
    expect(codeOf(decideRollback(state, confirm(null)))).toBe("rollback_wrong_phase");
    expect(codeOf(decideRollback(state, confirm(state.revision - 1)))).toBe("rollback_residue_changed");
    const over = take([confirm(state.revision)], state).state;
    expect([over.phase, over.confirmedBy?.operator]).toEqual(["confirmed", OPERATOR]);
  });

  it("[CAS-26] what was taken for unknown may become known, and then is shown anew", () => {
    const late = take([...begun(), { kind: "tick", atS: NOW_S + 61 }]).state;
    expect([late.phase, residuesOf(late).map(({ n, why }) => [n, why])]).toEqual([
      "failed",
      [
        [1, "timeout"],
        [2, "not_run"],
      ],
    ]);
    const known = take([done(CLERK, 1)], late).state;
    expect(residuesOf(known).map(({ n }) => n)).toEqual([2]);
    expect(codeOf(decideRollback(known, confirm(late.revision)))).toBe("rollback_residue_changed");
  });

  it("[CAS-17] a result counts once: the first that is known", () => {
    const { state } = take([...begun(), done(CLERK, 1)]);
    expect(accepted(decideRollback(state, done(CLERK, 1, { status: "failed" }))).state).toBe(state);
  });

  it("[CAS-16] nobody confirms for 600 s: it says so once, and can still be confirmed", () => {
    const failed = take([...begun(), done(CLERK, 1, { status: "failed" })]).state;
    const wait = (seconds: number, from = failed) => take([{ kind: "tick", atS: NOW_S + 2 + seconds }], from);
    expect(wait(599).state).toBe(failed);
    const lapsed = wait(600);
    expect(lapsed.outputs).toContainEqual({ kind: "signal", code: "rollback_unconfirmed" });
    expect(wait(1200, lapsed.state).outputs).not.toContainEqual({ kind: "signal", code: "rollback_unconfirmed" });
    expect(take([confirm(failed.revision)], lapsed.state).state.phase).toBe("confirmed");
  });
});

it("runs 3,000 steps to the end with less than 5 s of work", () => {
  const compensation = { agent: CLERK, cost: null };
  const tasks = Array.from({ length: 3000 }, (_, index) =>
    undoTask(index + 1, { pred: index < 50 ? [] : [taskId(index - 49)], compensation }),
  );
  const long = rehearse(inputOf(tasks));
  let state = take([
    requested(long),
    { kind: "answered", agent: CLERK, planHash: long.planHash, status: "ready", atS: NOW_S },
    go,
  ]).state;
  const began = process.cpuUsage();
  for (const { n } of long.steps) state = take([done(CLERK, n)], state).state;
  expect(state.phase).toBe("completed");
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000);
}, 30_000);

describe("a step whose trail is in another domain's log", () => {
  const GATEWAY = "spiffe://metro.example/pep";
  const two = rehearse(
    inputOf([undoTask(1), undoTask(2, { pred: [taskId(1)], gateway: GATEWAY })], [checkpointOf(1), checkpointOf(2)]),
  );
  const answer = (name: string, status: "ready" | "refused", code?: string): RollbackEvent => ({
    ...{ kind: "answered", agent: name, planHash: two.planHash, status, atS: NOW_S },
    ...(code === undefined ? {} : { code }),
  });
  const undone = (n: number): RollbackEvent => done(WORKER, n, { restoredHash: HASH });
  const started = (effort: boolean): RollbackEvent[] => [
    requested(two, { bestEffort: effort }),
    answer(WORKER, "ready"),
    answer(GATEWAY, "ready"),
    go,
  ];

  it("[CAS-36] names its gateway in what two people sign, and begins nothing before that one is ready", () => {
    expect(two.steps.map(({ gateway }) => gateway)).toEqual([GATEWAY, undefined]);
    const without = rehearse(
      inputOf([undoTask(1), undoTask(2, { pred: [taskId(1)] })], [checkpointOf(1), checkpointOf(2)]),
    );
    expect(without.planHash).not.toBe(two.planHash);
    expect(two.tell[0]).toContain(GATEWAY);
    const asked = take([requested(two)]);
    expect(asked.outputs.flatMap((output) => (output.kind === "send" ? [output.to] : [])).toSorted()).toEqual(
      [WORKER, GATEWAY].toSorted(),
    );
    expect(take([requested(two), answer(WORKER, "ready")]).state.phase).toBe("preparing");
    const refused = take([requested(two), answer(WORKER, "ready"), answer(GATEWAY, "refused", "trail_incomplete")]);
    expect([refused.state.phase, refused.state.stopped?.code]).toEqual(["refused", "trail_incomplete"]);
  });

  it("[CAS-36] leaves its steps alone under best effort when its gateway refuses or does not answer", () => {
    const late: RollbackEvent = { kind: "tick", atS: NOW_S + 61 };
    for (const [word, code] of [
      [answer(GATEWAY, "refused", "trail_incomplete"), "trail_incomplete"],
      [late, "gateway_no_answer"],
    ] as const) {
      const { state } = take([requested(two, { bestEffort: true }), answer(WORKER, "ready"), word, go]);
      expect(state.phase).toBe("failed");
      expect(state.steps.map((step) => [step.status, step.code])).toEqual([
        ["refused", code],
        ["blocked", null],
      ]);
    }
  });

  it("[CAS-37] is done only when its gateway says that its log has it, and asks it for nothing before", () => {
    expect(codeOf(decideRollback(take(started(false)).state, done(GATEWAY, 1)))).toBe("rollback_step_unasked");
    const held = take([...started(false), undone(1)]);
    expect(held.outputs).toEqual([{ kind: "send", to: GATEWAY, phase: "execute", steps: [1] }]);
    expect(held.state.steps.map(({ status, said }) => [status, said])).toEqual([
      ["open", "done"],
      ["waiting", null],
    ]);
    // Asked again after a crash it is the gateway that is asked, and the agent's word counts once.
    expect(outstandingOf(held.state)).toEqual(held.outputs);
    expect(take([undone(1)], held.state).state).toBe(held.state);
    for (const other of ["spiffe://access.example/pep", CLERK])
      expect(codeOf(decideRollback(held.state, done(other, 1)))).toBe("rollback_participant_denied");
    const taken = take([done(GATEWAY, 1)], held.state);
    expect(taken.outputs).toEqual([{ kind: "send", to: WORKER, phase: "execute", steps: [2] }]);
    const over = take([undone(2)], taken.state);
    expect([over.state.phase, residuesOf(over.state)]).toEqual(["completed", []]);
  });

  it("[CAS-37] is never a success without its gateway's word: silent, refusing, or with something left beyond", () => {
    const words: [RollbackEvent, string, string[]][] = [
      [
        { kind: "tick", atS: NOW_S + 80 },
        "gateway_no_answer",
        ["its domain's gateway has not said that its log has it"],
      ],
      [
        done(GATEWAY, 1, { status: "failed", code: "log_damaged" }),
        "log_damaged",
        ["its domain's gateway has not said that its log has it"],
      ],
      [
        done(GATEWAY, 1, { status: "partial", code: "trail_not_taken_back", residue: ["access.example has it"] }),
        "trail_not_taken_back",
        ["access.example has it"],
      ],
    ];
    for (const [word, code, residue] of words) {
      const all = take([...started(false), undone(1), word]);
      expect([all.state.phase, all.state.steps[1]?.status]).toEqual(["failed", "not_run"]);
      const effort = take([...started(true), undone(1), word, undone(2)]);
      expect(effort.state.phase).toBe("partial");
      expect(residuesOf(effort.state)).toMatchObject([{ n: 1, why: "partial", code, residue }]);
      expect(codeOf(decideRollback(effort.state, confirm(null)))).toBe("rollback_wrong_phase");
    }
  });

  it("[CAS-37] an answer that comes late says what is known by then, and a person still confirms the end", () => {
    const silent = take([...started(true), undone(1), { kind: "tick", atS: NOW_S + 80 }, undone(2)]);
    const late = take([done(GATEWAY, 1)], silent.state);
    expect([late.state.phase, late.state.steps[0]?.status, residuesOf(late.state)]).toEqual(["partial", "done", []]);
    expect(late.state.revision).toBeGreaterThan(silent.state.revision);
    // It is answered once, whatever it calls its answer.
    const twice = done(GATEWAY, 1, { status: "failed", code: "x" });
    expect(take([twice], late.state).state).toBe(late.state);
    for (const status of ["done", "failed"]) {
      const word = done(GATEWAY, 1, { status, code: "gateway_no_answer" });
      const said = take([...started(true), undone(1), word]);
      expect(take([word], said.state).state).toBe(said.state);
    }
  });

  it("[CAS-37] [CAS-14] what it says late counts once for those that wait for the step", () => {
    const three = rehearse(
      inputOf(
        [
          undoTask(1),
          undoTask(2, { pred: [taskId(1)], gateway: GATEWAY }),
          undoTask(3, { pred: [taskId(1)], agent: CLERK, undo: "assisted" }),
        ],
        [checkpointOf(1), checkpointOf(2)],
      ),
    );
    expect(three.steps.map(({ method, depends_on }) => [method, depends_on])).toEqual([
      ["manual", []],
      ["restore", []],
      ["restore", [1, 2]],
    ]);
    const { state, outputs } = take([
      requested(three, { bestEffort: true }),
      ...[WORKER, CLERK, GATEWAY].map((name): RollbackEvent => {
        return { kind: "answered", agent: name, planHash: three.planHash, status: "ready", atS: NOW_S };
      }),
      ...[go, undone(2), { kind: "tick", atS: NOW_S + 80 } as const, done(GATEWAY, 2)],
    ]);
    // The person's step is not over yet.
    expect(outputs).toEqual([]);
    expect(state.steps.map(({ status }) => status)).toEqual(["open", "done", "waiting"]);
  });

  it("[CAS-37] [CAS-21] what an agent says after its time goes to the gateway while others are asked, and to nobody after the end", () => {
    const timedOut = take([...started(true), { kind: "tick", atS: NOW_S + 62 }]);
    expect(timedOut.state.phase).toBe("failed");
    const late = take([undone(1)], timedOut.state);
    expect(late.state.steps[0]).toMatchObject({ status: "partial", code: "gateway_no_answer", said: "done" });
  });
});
