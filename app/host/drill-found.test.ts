import { afterAll, beforeAll, expect, it } from "vitest";
import { withInstantCrypto } from "./drill-crypto.fixture.ts";
import { findingsOf } from "./drill-oracle.fixture.ts";
import type { DrillScenario } from "./drill-scenario.fixture.ts";
import { drillKeys, playDrill } from "./drill-world.fixture.ts";

/** Drills in which something was wrong once, as they were drawn. */
const FOUND: readonly (readonly [title: string, scenario: DrillScenario])[] = [
  [
    "[S3] an effect whose entry was under way when the stop came does not happen because another agent, whose clock is behind, names its task",
    {
      faults: [
        [
          { kind: "lie", everyMs: 2882, hides: false },
          { kind: "drift", byMs: -900000 },
        ],
        [
          { kind: "drift", byMs: 60000 },
          { kind: "evade", everyMs: 892 },
        ],
        [
          { kind: "drift", byMs: 900000 },
          { kind: "crash", onTask: 3 },
        ],
        [{ kind: "evade", everyMs: 153 }],
      ],
      delegatedBy: [3, 2, 3, 2],
      tasks: [
        { agent: 1, after: 2, durationMs: 100, gated: true },
        { agent: 3, after: 2, durationMs: 72, gated: false },
        { agent: 2, after: 2, durationMs: 2196, gated: true },
        { agent: 0, after: 3, durationMs: 103, gated: false },
        { agent: 0, after: 3, durationMs: 2948, gated: false },
        { agent: 2, after: 1, durationMs: 69, gated: false },
        { agent: 2, after: 2, durationMs: 46, gated: true },
        { agent: 2, after: 3, durationMs: 104, gated: true },
        { agent: 1, after: 0, durationMs: 1938, gated: true },
      ],
      stops: [
        { atMs: 1124, scope: "domain", of: 17, againMs: null, releasedMs: 1080, startedMs: 223 },
        { atMs: 706, scope: "domain", of: 7, againMs: 353, releasedMs: 398, startedMs: null },
      ],
      link: [15, 19],
      append: [400],
    },
  ],
  [
    "[S7] a report that is repeated before the log has the first one is no call after the stop",
    {
      faults: [[], [], [{ kind: "replay", everyMs: 438 }]],
      delegatedBy: [0, 0, 1],
      tasks: [
        { agent: 2, after: 1, durationMs: 176, gated: false },
        { agent: 2, after: 3, durationMs: 1745, gated: false },
        { agent: 2, after: 1, durationMs: 87, gated: false },
        { agent: 0, after: 3, durationMs: 318, gated: true },
        { agent: 2, after: 0, durationMs: 272, gated: false },
      ],
      stops: [
        { atMs: 1106, scope: "agent", of: 20, againMs: 106, releasedMs: null, startedMs: null },
        { atMs: 577, scope: "agent", of: 20, againMs: null, releasedMs: 1885, startedMs: 32 },
      ],
      link: [37, 29, 17],
      append: [400],
    },
  ],
];

let restore = (): void => undefined;
beforeAll(() => {
  restore = withInstantCrypto();
});
afterAll(() => restore());

it.each(FOUND)("%s", async (_title, scenario) => {
  restore();
  const keys = await drillKeys();
  restore = withInstantCrypto();
  expect(findingsOf(await playDrill(scenario, keys))).toEqual([]);
});
