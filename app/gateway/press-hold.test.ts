import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { type Bench, startedWorkflow } from "../engine/engine.fixture.ts";
import { type Subject, scopeCovers } from "../engine/override/scope.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";
import { createStopLine, LINE, LINE_BYTES, type StopLine } from "../protocol/override/stop-line.ts";
import { readStopLine } from "../protocol/override/stop-line-reader.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createPressHold } from "./press-hold.ts";
import { createStopMonitor } from "./stop-monitor.ts";

const DOMAIN: OverrideScope = { kind: "domain", id: "console.local" };

interface Point {
  readonly bench: Bench;
  readonly gateway: Gateway;
  readonly line: StopLine;
  readonly performed: string[];
  effect(task: string): ReturnType<Gateway["effect"]>;
  permitted(name: string): Promise<string>;
}

async function enforcementPoint(delegates: readonly string[] = []): Promise<Point> {
  const bench = await startedWorkflow();
  const { engine, clock } = bench;
  const memory = new SharedArrayBuffer(LINE_BYTES);
  const read = readStopLine(memory);
  const monitor = createStopMonitor({
    clock,
    targets: () => [bench.agentId],
    observe: () => ({ halted: true, detail: "" }),
    verdict: () => undefined,
    deadline: () => undefined,
    changed: () => undefined,
  });
  const pressing = { line: read, reach: () => delegates };
  const gateway = createGateway({ engine, clock, monitor, pressing, onStop: () => undefined });
  const performed: string[] = [];
  return {
    bench,
    gateway,
    line: createStopLine(memory, read.lowered),
    performed,
    effect: (task) => gateway.effect(bench.wid, task, bench.agentId, () => performed.push(task)),
    permitted: async (name) => {
      const task = bench.task(name);
      await gateway.propose(await bench.intent(task, "build_site"));
      return task;
    },
  };
}

const jtiOf = (token: string): string => {
  const parsed = parseCompact(token);
  return String(must(parsed.ok ? parsed.value : null, "a token").payload.jti);
};

/** The log, however far it got, lets nothing on that has settled by itself. */
const quiet = async ({ bench }: Point): Promise<void> => {
  await bench.engine.idle();
  await bench.engine.read(() => undefined);
};

/** Presses a stop of the domain right when the record of an effect is in the log; resolves with what takes it back. */
function pressedAfterRecord({ bench, line }: Point, jti: string): Promise<() => void> {
  const { submit } = bench.engine;
  return new Promise((pressed) => {
    bench.engine.submit = async (command) => {
      const answer = await submit(command);
      if (command.kind === "effect") pressed(line.raise({ jti, scope: DOMAIN }));
      return answer;
    };
  });
}

describe("a stop that was pressed and is not here yet", () => {
  it("[OVR-42] [S5] bars every effect in its scope, records nothing, and refuses once its signal is latched", async () => {
    const point = await enforcementPoint();
    const { bench, gateway, line } = point;
    const task = await point.permitted("build");
    const stop = await bench.stop();
    const size = await bench.engine.read((_state, head) => head.size);
    const lower = line.raise({ jti: jtiOf(stop), scope: DOMAIN });
    const effect = point.effect(task);
    await quiet(point);
    expect([point.performed, await bench.engine.read((_state, head) => head.size)]).toEqual([[], size]);
    await gateway.signal(stop);
    expect(await effect).toMatchObject({ ok: false, error: { code: "override_active" } });
    lower();
    expect(point.performed).toEqual([]);
  });

  it("[OVR-42] [S5] bars what was checked and recorded before the press, where it had not happened yet", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const task = await point.permitted("build");
    const stop = await bench.stop();
    const press = pressedAfterRecord(point, jtiOf(stop));
    const effect = point.effect(task);
    await press;
    await gateway.signal(stop);
    expect(await effect).toMatchObject({ ok: false, error: { code: "override_active" } });
    expect(point.performed).toEqual([]);
    const status = await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.status);
    expect(status).not.toBe("effect");
  });

  it("[OVR-42] [S4] keeps nothing from another stop: what it held is refused by that, and does not go on after its release", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const task = await point.permitted("build");
    const other = await bench.stop();
    const press = pressedAfterRecord(point, crypto.randomUUID());
    const effect = point.effect(task);
    const lower = await press;
    await gateway.signal(other);
    const release = {
      level: "mandatory",
      action: "release",
      params: { of: jtiOf(other) },
      deadline_ms: 10_000,
      seq: 2,
    };
    expect(await gateway.signal(await bench.stop(release))).toMatchObject({ ok: true });
    lower();
    expect(await effect).toMatchObject({ ok: false, error: { code: "override_active" } });
    expect(point.performed).toEqual([]);
  });

  it("[OVR-42] [S5] bars an effect that the log has let through from being given again, until it is taken back", async () => {
    const point = await enforcementPoint();
    const { bench, gateway, line, performed } = point;
    const task = await point.permitted("build");
    expect(await point.effect(task)).toMatchObject({ ok: true });
    const again = (): Promise<void> =>
      gateway.again(bench.wid, task, bench.agentId, () => performed.push(`${task} again`));
    const lower = line.raise({ jti: crypto.randomUUID(), scope: DOMAIN });
    const first = again();
    await quiet(point);
    expect(performed).toEqual([task]);
    lower();
    await first;
    expect(performed).toEqual([task, `${task} again`]);
    const stop = await bench.stop();
    line.raise({ jti: jtiOf(stop), scope: DOMAIN });
    const second = again();
    await quiet(point);
    await gateway.signal(stop);
    await second;
    expect(performed).toEqual([task, `${task} again`]);
  });

  it("[OVR-42] [OVR-S1] lets go on what it held when its signal was answered with a no and it was taken back", async () => {
    const point = await enforcementPoint();
    const { bench, gateway, line } = point;
    const task = await point.permitted("build");
    const stop = await bench.stop();
    const lower = line.raise({ jti: jtiOf(stop), scope: DOMAIN });
    const effect = point.effect(task);
    expect(await gateway.signal(`${stop.slice(0, -8)}AAAAAAAA`)).toMatchObject({ ok: false });
    expect(point.performed).toEqual([]);
    lower();
    lower();
    expect(await effect).toMatchObject({ ok: true });
    expect(point.performed).toEqual([task]);
  });

  it("[OVR-42] [OVR-17] holds those whom its agent delegated to, and nobody outside its scope", async () => {
    const stopped: OverrideScope = { kind: "agent", id: "spiffe://console.local/agent/other" };
    const apart = await enforcementPoint();
    apart.line.raise({ jti: crypto.randomUUID(), scope: stopped });
    expect(await apart.effect(await apart.permitted("build"))).toMatchObject({ ok: true });

    const delegates: string[] = [];
    const below = await enforcementPoint(delegates);
    delegates.push(below.bench.agentId);
    const lower = below.line.raise({ jti: crypto.randomUUID(), scope: stopped });
    const effect = below.effect(await below.permitted("build"));
    await quiet(below);
    expect(below.performed).toEqual([]);
    lower();
    await effect;
  });

  it("[OVR-42] [OVR-32] holds nothing when its stop has been latched and released since", async () => {
    const point = await enforcementPoint();
    const { bench, gateway, line } = point;
    const stop = await bench.stop();
    line.raise({ jti: jtiOf(stop), scope: DOMAIN });
    await gateway.signal(stop);
    const release = { level: "mandatory", action: "release", params: { of: jtiOf(stop) }, deadline_ms: 10_000, seq: 2 };
    expect(await gateway.signal(await bench.stop(release))).toMatchObject({ ok: true });
    expect(gateway.latches.all()).toEqual([]);
    // What it is refused for now is that it was stopped, not that a press is left over: it is answered.
    expect(await point.effect(await point.permitted("build"))).toBeDefined();
  });
});

describe("a host that was closed while a press held something", () => {
  it("[OVR-42] lets it on no more, whatever becomes of the press", async () => {
    const point = await enforcementPoint();
    const task = await point.permitted("build");
    const lower = point.line.raise({ jti: crypto.randomUUID(), scope: DOMAIN });
    void point.effect(task);
    point.gateway.close();
    lower();
    await quiet(point);
    expect(point.performed).toEqual([]);
  });
});

describe("the stop line", () => {
  const agent = (name: string): string => `spiffe://console.local/agent/${name}`;
  const scope: fc.Arbitrary<OverrideScope> = fc.oneof(
    fc.constant(DOMAIN),
    fc.constantFrom("a", "b").map((name) => ({ kind: "agent" as const, id: agent(name) })),
    fc.constantFrom("w1", "w2").map((id) => ({ kind: "workflow" as const, id })),
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant("raise" as const), scope }),
    fc.record({ do: fc.constantFrom("lower" as const, "latch" as const), at: fc.nat(LINE.slots + 8) }),
  );
  const subjects: readonly Subject[] = ["a", "b"].flatMap((name) =>
    ["w1", "w2"].map((wid) => ({ agent: agent(name), wid })),
  );

  it("[OVR-42] [S5] holds exactly what a press covers that is neither taken back nor latched, at every moment", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const memory = new SharedArrayBuffer(LINE_BYTES);
        const read = readStopLine(memory);
        const line = createStopLine(memory, read.lowered);
        const known = new Set<string>();
        const hold = createPressHold({ line: read, reach: () => [], isKnown: (jti) => known.has(jti) });
        const presses: { jti: string; scope: OverrideScope; isRaised: boolean; lower: () => void }[] = [];
        for (const taken of steps) {
          if (taken.do === "raise") {
            const jti = crypto.randomUUID();
            const isRaised = presses.filter((press) => press.isRaised).length < LINE.slots;
            presses.push({ jti, scope: taken.scope, isRaised, lower: line.raise({ jti, scope: taken.scope }) });
          } else {
            const press = presses[taken.at % Math.max(1, presses.length)];
            if (press === undefined) continue;
            if (taken.do === "latch") known.add(press.jti);
            else {
              press.lower();
              press.isRaised = false;
            }
          }
          for (const subject of subjects)
            expect(hold.holds(subject)).toBe(
              presses.some((press) => press.isRaised && !known.has(press.jti) && scopeCovers(press.scope, subject)),
            );
        }
      }),
      { numRuns: 40 },
    );
  });

  it("[OVR-42] does not raise a scope that is longer than its memory: its signal stops as it does without", () => {
    const memory = new SharedArrayBuffer(LINE_BYTES);
    const read = readStopLine(memory);
    createStopLine(memory, read.lowered).raise({ jti: "j", scope: { kind: "agent", id: "x".repeat(LINE.slotBytes) } });
    expect(read.pressed()).toEqual([]);
  });
});
