import { expect, it } from "vitest";
import { enrolledOperator } from "../../api/dispatch/operator.fixture.ts";
import { systemClock } from "../../base/system.ts";
import { openedHost } from "../host.fixture.ts";
import { agentOnce, BUILDER, builderRun, putProfile } from "./behavior.fixture.ts";
import type { EvidenceQuestion } from "./observers.ts";

const OTHER = "spiffe://console.local/agent/other";
/** How long observers are waited for, which here never ends. */
const ANSWER_MS = 5000;

it("[BEH-21] [BEH-23] [BEH-S1] who does not answer about its window holds up neither a quarantine nor anybody else's", async () => {
  const questions: EvidenceQuestion[] = [];
  const { host, client } = await openedHost({
    clock: {
      ...systemClock,
      after: (ms, run) => (ms === ANSWER_MS ? () => undefined : systemClock.after(ms, run)),
    },
    observers: {
      ask: async (question) => {
        questions.push(question);
        return question.agent.endsWith("/builder") ? new Promise(() => undefined) : [];
      },
    },
  });
  const alice = await enrolledOperator(client);
  await putProfile(client, alice, { applies_to: [BUILDER, OTHER], window_s: 60 });
  await alice.start(builderRun(["build_site", "build_site"], "Of the silent one"));
  await expect.poll(() => questions.length, { interval: 5 }).toBe(1);
  // While that is waited for, others are judged, and what cannot wait is, of the silent one too.
  await alice.start(builderRun(["build_site", "build_site"], "Of another", "other"));
  await agentOnce(client, ({ verdict }) => verdict === "conformant", OTHER);
  expect((await client.behavior.agent({ agent: BUILDER })).windows).toEqual([]);
  await alice.start(builderRun(["build_site", "leak_data"], "Of the silent one again"));
  const quarantined = await agentOnce(client, ({ state }) => state === "quarantined");
  expect(quarantined.quarantine).toMatchObject({ cause: "severity" });
  host.close();
});
