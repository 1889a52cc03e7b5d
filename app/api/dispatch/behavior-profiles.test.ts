import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { compileProfile } from "../../protocol/behavior/compile-profile.ts";
import type { Violation } from "../../protocol/behavior/evidence.ts";
import { type ProfileBody, profileHash } from "../../protocol/behavior/profile.ts";
import { replayTasks } from "../../protocol/behavior/replay-rules.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { byWindow, courseOf, findings, windowsOf } from "./behavior-replay.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";

let client: TestClient;
let alice: Awaited<ReturnType<typeof enrolledOperator>>;
let first: string;

const AGENT = "spiffe://console.local/agent/builder";

/** Two workflows of three builds each; the deployment after them waits for a human and is not theirs. */
beforeAll(async () => {
  ({ client } = await openedHost());
  alice = await enrolledOperator(client);
  for (const name of ["One", "Two"]) {
    const { wid } = await alice.start(smallRun(name));
    first ??= wid;
    await until(client, async () => {
      const { rows } = await client.gate.queue({});
      return rows.find((row) => row.wid === wid) ?? null;
    });
  }
});

const profile = (change: Partial<ProfileBody> = {}): ProfileBody => ({
  ...{ profile_id: "builder", version: 1, owner: alice.subject, applies_to: [AGENT], allowed_actions: ["build_*"] },
  ...{ window_s: 3600, min_samples: 2, thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 } },
  ...{ assurance: "relaxed", ...change },
});

async function put(body: ProfileBody, change: object = {}) {
  const { pepId } = await client.identity.describe();
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: alice.subject, aud: [pepId], iat: nowS, exp: nowS + 120, jti: crypto.randomUUID() },
    ...{ profile: body, hash: profileHash(body, await createSha256()), reason: "It builds.", role: "safety_officer" },
    ...{ auth_time: nowS, amr: ["swk", "user"], ...change },
  };
  return client.behavior.putProfile({ token: await signToken("behavior-profile+jwt", claims, alice.signer) });
}

const size = async (): Promise<number> => (await client.host.status()).position.size;
const replay = async (body: object, limit = 100) =>
  client.behavior.replay({ profile: { ...body }, span: { from: 0, to: await size() }, limit });

it("[BEH-42] a draft is replayed over the log window by window, beside what is in force, and records nothing", async () => {
  const before = await size();
  const alone = await replay(profile());
  expect(alone.draft).toMatchObject({ windows: 2, conformant: 2, violations: 0 });
  expect([alone.tasks, alone.agents, alone.against, alone.inForce.windows]).toEqual([6, 2, null, 0]);
  const ended = client.behavior.replay(
    { profile: { ...profile() }, span: { from: 0, to: before }, limit: 1 },
    { signal: AbortSignal.abort(new Error("taken back")) },
  );
  await expect(ended).rejects.toThrow("taken back");
  expect(await size()).toBe(before);

  await put(profile());
  const strict = profile({
    version: 2,
    limits: [
      { id: "calls", metric: "max_calls", op: "<=", value: 3, severity: 1 },
      { id: "tokens", metric: "max_tokens", op: ">=", value: 1, severity: 1 },
    ],
    sequences: [{ id: "check-first", kind: "must_precede", a: "check_site", b: "build_site", severity: 4 }],
  });
  const answer = await replay(strict, 2);
  expect(answer.against).toMatchObject({ profile_id: "builder", version: 1 });
  expect(answer.hash).toBe(profileHash(strict, await createSha256()));
  expect(answer.draft).toMatchObject({ windows: 2, nonconformant: 2, violations: 6 });
  expect(answer.inForce).toMatchObject({ windows: 2, conformant: 2, violations: 0 });
  // Nobody stated how many tokens it takes: that is not the same as keeping to the limit.
  expect(answer.unjudged).toEqual([{ rule: "tokens", windows: 2 }]);
  expect([answer.differ, answer.flaggedTotal, answer.flagged.length]).toEqual([2, 6, 2]);
  const flagged = must(answer.flagged[0], "a task was flagged");
  expect(flagged).toMatchObject({ rule: "check-first", severity: 4, action: "build_site", already: false });
  const entry = await client.audit.entry({ seq: must(flagged.seq, "it is in the span") });
  expect([entry.row.typ, entry.row.task]).toEqual(["intent+jwt", flagged.jti]);
});

it("[BEH-43] [BEH-63] only tasks of the span are judged, and what came before them still counts as having come", async () => {
  const body = profile({
    sequences: [{ id: "twice", kind: "never_after", a: "build_site", b: "build_site", severity: 3 }],
  });
  const { flagged } = await replay(body);
  const ofFirst = flagged.filter(({ wid }) => wid === first);
  // No two builds are of one step: about the same thing none comes after another (BEH-63). Nobody states a customer.
  const about = (pointer: string) =>
    replay({ ...body, sequences: [{ ...must(body.sequences?.[0], "a rule"), same: { a: pointer, b: pointer } }] });
  expect((await about("/step")).draft).toMatchObject({ windows: 2, conformant: 2, violations: 0 });
  const unsaid = await about("/customer");
  expect(unsaid.draft).toMatchObject({ windows: 2, drifting: 2, violations: 0 });
  expect(unsaid.unjudged).toEqual([{ rule: "twice", windows: 2 }]);
  expect((await client.behavior.seen()).named).toEqual(["/step"]);
  // The first build of a workflow comes after none.
  expect(ofFirst).toHaveLength(2);
  const from = must(ofFirst[1]?.seq, "the second of them has an entry");
  const later = await client.behavior.replay({ profile: { ...body }, span: { from, to: from + 1 }, limit: 10 });
  expect([later.tasks, later.flagged.map(({ jti }) => jti)]).toEqual([1, [ofFirst[1]?.jti]]);
});

it("[BEH-65] a replay tells how far it has come, answers as one without that does, and ends when it is taken back", async () => {
  const asked = { profile: { ...profile() }, span: { from: 0, to: await size() }, limit: 10 };
  const events = [];
  for await (const event of await client.behavior.replaying(asked)) events.push(event);
  const answer = events.pop();
  const { tookMs: _took, position: _position, ...whole } = await client.behavior.replay(asked);
  expect(answer).toMatchObject({ type: "answer", answer: whole });
  expect(events.length).toBeGreaterThan(0);
  const counts = events.map((event) => (event.type === "progress" ? [event.checked, event.total] : null));
  for (const one of counts) expect(one?.[1]).toBe(8);
  expect(counts.map((one) => one?.[0])).toEqual(counts.map((one) => one?.[0] ?? 0).toSorted((a, b) => a - b));
  const ending = new AbortController();
  const ended = (async () => {
    for await (const _event of await client.behavior.replaying(asked, { signal: ending.signal })) ending.abort();
  })();
  await expect(ended).rejects.toThrow();
});

const task = (s: number) => ({
  ...{ jti: "j", wid: "w", agent: AGENT, action: "a", atMs: s * 1000, endedMs: null, outcome: null, data: null },
  ...{ targets: null, gate: null, tokens: null, cost: null, bench: null },
});
const grave = { rule_id: "r", severity: 5, jti: "0195400c-0000-7000-8000-00000000000a", at: 30 };

it("[BEH-43] a window closes after its time, or with the second of a gravest finding", () => {
  const own = [0, 30, 59, 60, 200, 230].map(task);
  expect(windowsOf(own, [], 60)).toEqual([
    { from: 0, to: 60 },
    { from: 60, to: 120 },
    { from: 200, to: 260 },
  ]);
  expect(windowsOf(own, [{ ...grave, severity: 4 }, grave], 60).slice(0, 2)).toEqual([
    { from: 0, to: 31 },
    { from: 59, to: 119 },
  ]);
});

it("[BEH-43] what fell due while nothing was done is of the window after it, and of one of its own after the last", () => {
  const own = [0, 200].map(task);
  const found = [30, 100, 210, 900, 901].map((at) => ({ ...grave, severity: 2, at }));
  const windows = windowsOf(own, found, 60);
  expect(windows).toEqual([
    { from: 0, to: 60 },
    { from: 200, to: 260 },
    { from: 260, to: 902 },
  ]);
  expect(byWindow(windows, found, ({ at }) => at).map((of) => of.map(({ at }) => at))).toEqual([
    [30],
    [100, 210],
    [900, 901],
  ]);
});

it("[BEH-43] none of very many grave findings is lost, also where all are of one window", () => {
  const many = Array.from({ length: 130_000 }, (_, at) => ({ ...grave, at }));
  expect(windowsOf([task(0)], many, 86_400)[0]).toEqual({ from: 0, to: 1 });
  const apart = many.slice(0, 5000);
  const windows = windowsOf(
    apart.map(({ at }) => task(at)),
    apart,
    3600,
  );
  expect(windows.every(({ from, to }, at) => from === at && to === at + 1)).toBe(true);
  expect(byWindow(windows, apart, ({ at }) => at).every((of) => of.length === 1)).toBe(true);
});

it("[BEH-42] each agent is judged as a replay of the whole workflow would judge it", async () => {
  const compiled = compileProfile(
    profile({
      allowed_actions: ["*"],
      forbidden_actions: ["x"],
      sequences: [
        { id: "follow", kind: "must_follow", a: "a", b: "b", within_s: 5, severity: 2 },
        { id: "precede", kind: "must_precede", a: "c", b: "d", severity: 3 },
        { id: "never", kind: "never_after", a: "c", b: "a", within_s: 4, severity: 4 },
      ],
    }),
  );
  const agents = ["spiffe://td/agent/w/one", "spiffe://td/agent/w/two"];
  const steps = fc.array(
    fc.tuple(fc.constantFrom(...agents), fc.constantFrom("a", "b", "c", "d", "e", "x"), fc.integer({ min: 0, max: 4 })),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (given, isOver) => {
      let now = 100;
      const tasks = given.map(([agent, action, pause], seq) => {
        now += pause;
        return { seq, task: { ...task(now), jti: `t${seq}`, agent, action, outcome: "success" as const } };
      });
      const course = courseOf({ wid: "w", isOver, tasks });
      for (const subject of agents) {
        const whole = replayTasks(
          compiled,
          tasks.map((one) => one.task),
          { subject, untilMs: isOver ? now * 1000 + 1000 : now * 1000, ended: isOver },
        );
        const found = await findings(course, subject, compiled, async () => undefined);
        const told = (list: readonly Violation[]) =>
          list.map(({ rule_id, jti, at }) => `${at} ${rule_id} ${jti}`).sort();
        expect(told(found)).toEqual(told(whole));
      }
    }),
    { numRuns: 100 },
  );
});

it("[BEH-39] learns from the chosen agents of a span, with what each suggestion rests on", async () => {
  const span = { from: 0, to: await size() };
  const learned = await client.behavior.learn({ span, agents: [AGENT] });
  expect([learned.tasks, learned.workflows]).toEqual([6, 2]);
  const allowed = learned.suggestions.filter(({ adds }) => adds.kind === "allowed_action");
  expect(allowed.map(({ adds }) => adds)).toEqual([{ kind: "allowed_action", pattern: "build_site" }]);
  expect(allowed[0]).toMatchObject({ workflows: 2, largestShare: 0.5 });
  const all = await client.behavior.learn({ span, agents: [] });
  expect(all.tasks).toBeGreaterThan(learned.tasks);
  const { agents } = await client.behavior.seen();
  expect(agents.find(({ agent }) => agent === AGENT)).toMatchObject({
    ...{ instances: 2, tasks: 6, actions: [{ action: "build_site", tasks: 6 }] },
  });
  expect(agents.every(({ agent }) => standingOf(agent) === agent)).toBe(true);
});

it("[BEH-5] every version stays to be read with its digest and who signed it, and the newest is in force", async () => {
  await put(profile({ version: 2, min_samples: 3 }));
  const { profiles } = await client.behavior.profiles();
  expect(profiles.map(({ profile: { version }, inForce, by }) => [version, inForce, by])).toEqual([
    [2, true, alice.subject],
    [1, false, alice.subject],
  ]);
  expect(profiles[1]?.hash).toBe(profileHash(profile(), await createSha256()));
  await expect(put(profile({ version: 2 }))).rejects.toThrow();
  await expect(put(profile({ version: 3 }), { hash: "A".repeat(43) })).rejects.toThrow();
  await expect(replay({ ...profile(), window_s: 1 })).rejects.toMatchObject({ data: { code: "token_claim_invalid" } });
});
