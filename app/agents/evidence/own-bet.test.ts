import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { AGENT, FROM_S, id, profileOf, sha256, task, WINDOW } from "../../protocol/behavior/behavior.fixture.ts";
import { betClaimsSchema } from "../../protocol/behavior/evidence.ts";
import type { ObservedTask } from "../../protocol/behavior/observed.ts";
import { profileHash } from "../../protocol/behavior/profile.ts";
import { ownBet } from "./own-bet.ts";
import { createOwnTasks } from "./own-tasks.ts";
import type { OwnQuestion, WindowTasks } from "./question.ts";

const WID = task(1).wid;
const never = { id: "no-mail-after", kind: "never_after", a: "read_state", b: "tool_mail", severity: 3 } as const;
const expected = profileOf({
  sequences: [
    never,
    { id: "ckpt-first", kind: "must_precede", a: "checkpoint", b: "apply_change", severity: 3 },
    { id: "ckpt-then", kind: "must_follow", a: "apply_change", b: "checkpoint", within_s: 1, severity: 3 },
  ],
  baseline: undefined,
} as Parameters<typeof profileOf>[0]); // absent, as the parser takes it

const question = (tasks: WindowTasks): OwnQuestion => ({
  ...{ wid: WID, agent: AGENT, window: WINDOW, tasks, expected, nonce: "a nonce of a test", prev: null },
  profile: { profile_id: expected.profile_id, version: expected.version, hash: profileHash(expected, sha256) },
  aud: ["spiffe://ops.example/verifier"],
});

const answer = (seen: readonly ObservedTask[], tasks: WindowTasks) =>
  ownBet(question(tasks), seen, { iss: AGENT, observer: "self", nowS: WINDOW.to, jti: id(0xbe7), sha256 });

describe("evidence of one who sees one agent", () => {
  it("[BEH-57] [BEH-58] is of the tasks between its first and last, looks back beyond them, and leaves out what others may make good", () => {
    const seen = [
      task(1, { atMs: (FROM_S - 100) * 1000 }),
      task(2, { action: "apply_change" }),
      task(3, { action: "tool_mail" }),
      task(4, { action: "transfer" }),
      task(5, { action: "tool_delete_all" }),
    ];
    const told = must(answer(seen, { first: id(2), last: id(4), count: 3, before: 1 }), "it can tell");
    expect(betClaimsSchema.safeParse(told).success).toBe(true);
    expect(told).toMatchObject({ samples: 3, counts: { apply_change: 1, tool_mail: 1, transfer: 1 } });
    expect(told.violations.map(({ rule_id, jti }) => [rule_id, jti])).toEqual([
      [never.id, id(3)],
      ["action-not-allowed", id(4)],
    ]);
    // One that leaves a task out is seen: it is of fewer, and of another root.
    const less = must(answer(seen.toSpliced(2, 1), { first: id(2), last: id(4), count: 2, before: 1 }), "it can tell");
    expect(less.samples).toBe(2);
    expect(less.dag_root).not.toBe(told.dag_root);
  });

  it("[BEH-58] is none where not all that bears on the window was seen", () => {
    const seen = [task(2), task(3)];
    expect(answer(seen, { first: id(2), last: id(3), count: 2, before: 1 })).toBeNull();
    expect(answer(seen, { first: id(1), last: id(3), count: 3, before: 0 })).toBeNull();
    expect(answer(seen, { first: id(2), last: id(4), count: 3, before: 0 })).toBeNull();
  });

  it("[BEH-63] says which rule it could not judge, because a task does not say what it is about", () => {
    const sequences = [{ ...never, same: { a: "/id", b: "/id" } }];
    const asked = question({ first: id(1), last: id(2), count: 2, before: 0 });
    const said = (named?: Readonly<Record<string, string>>) => {
      const mail = task(2, { action: "tool_mail", ...(named === undefined ? {} : { named }) });
      const seen = [task(1, { named: { "/id": "one" } }), mail];
      const observer = { iss: AGENT, observer: "self", nowS: WINDOW.to, jti: id(0xbe7), sha256 } as const;
      return must(ownBet({ ...asked, expected: { ...expected, sequences } }, seen, observer), "it can tell");
    };
    expect(said().ect_ext).toEqual({ "org.signalbox.unjudged": [never.id] });
    expect(said()).toMatchObject({ violations: [], compliance: 1 });
    expect(said({ "/id": "two" }).ect_ext).toBeUndefined();
    expect(said({ "/id": "one" }).violations).toHaveLength(1);
  });

  it("[BEH-58] is of all of them where two that were asked for at once stand in the log the other way round", () => {
    const seen = [task(0, { atMs: (FROM_S - 9) * 1000 }), task(1, { action: "transfer" }), task(2), task(3)];
    const told = must(answer(seen, { first: id(2), last: id(3), count: 3, before: 1 }), "it can tell");
    expect(told).toMatchObject({ samples: 3, violations: [{ jti: id(1) }] });
  });
});

it("[BEH-58] an agent's own tasks are remembered in the order they were asked for last, and beyond the most none is", () => {
  const own = createOwnTasks(AGENT, 3);
  const ask = (n: number): void =>
    own.asked(
      {
        wid: WID,
        task: id(n),
        exec_act: "read_state",
        target: "db",
        needs: { domains: ["a.example"], named: { "/id": "x" } },
      },
      n,
    );
  for (const n of [1, 2, 3, 1]) ask(n);
  own.gated(id(2));
  own.ended(id(2), "success", 9);
  expect(own.of(WID)?.map(({ jti }) => jti)).toEqual([2, 3, 1].map(id));
  expect(own.of(WID)?.[0]).toMatchObject({
    ...{ targets: ["db", "a.example"], named: { "/id": "x" }, gate: { waited: true }, outcome: "success", endedMs: 9 },
  });
  expect(own.of(id(99))).toEqual([]);
  ask(4);
  ask(1);
  expect(own.of(WID)).toBeNull();
});
