import { v4 } from "uuid";
import { expect, it } from "vitest";
import { enrolledOperator } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { openedHost } from "../host.fixture.ts";
import { loadKey } from "../host-keys.ts";
import { agentKeyName } from "../open-host.ts";
import { builderRun, jumpClock, putProfile } from "./behavior.fixture.ts";
import type { EvidenceQuestion, ObserverPort } from "./observers.ts";

const idOf = (name: string): string => `spiffe://console.local/agent/${name}`;
const nameOf = (agent: string): string => agent.slice(agent.lastIndexOf("/") + 1);

it("[BEH-S1] [BEH-S2] [BEH-23] agents that lie about themselves with their own key are found, and silence holds nothing up", async () => {
  const storage = createMemoryStorage();
  const clock = jumpClock();
  const asked: string[] = [];
  const waited = [true];
  /** What an agent says of its window, whatever it did: that it built twice, as was expected of it. */
  const says = async ({ agent, wid, window, profile, nonce, prev }: EvidenceQuestion): Promise<string[]> => {
    const key = await loadKey(storage.values, agentKeyName(wid, nameOf(agent)));
    const { signer } = must(key.ok ? key.value : null, "the agent's key");
    const iat = Math.floor(clock.nowMs() / 1000);
    const claims = {
      ...{ iss: agent, aud: ["spiffe://console.local/log"], iat, exp: iat + 600, jti: v4(), wid },
      ...{ exec_act: "behavior_evidence", pred: [], bet_ver: 1, subject: agent, observer: "self", profile, window },
      ...{ counts: { build_site: 2 }, samples: 2, violations: [], compliance: 1, drift: 0, nonce },
      ...(prev[agent] === undefined ? {} : { prev_bet: prev[agent] }),
    };
    return [await signToken("bet+jwt", claims, signer)];
  };
  const observers: ObserverPort = {
    ask: (question) => {
      const name = nameOf(question.agent);
      asked.push(name);
      if (name === "silent") return new Promise(() => undefined);
      if (name === "broken") return Promise.reject(new Error("gone"));
      const { window } = question;
      return says(name === "elsewhen" ? { ...question, window: { ...window, from: window.from - 60 } } : question);
    },
  };
  const { host, client } = await openedHost({ storage, clock, observers });
  const alice = await enrolledOperator(client);
  await putProfile(client, alice, { applies_to: [idOf("*")], allowed_actions: ["build_site"] });
  const judged = async (name: string) => {
    await alice.start(builderRun(["build_site", "pack_site", "build_site"], `Run of ${name}`, name));
    await expect
      .poll(
        async () => {
          // Past any wait for an answer: whoever says nothing has not answered.
          clock.tick(asked.includes("silent") && waited.shift() === true ? 6000 : 0);
          return (await client.behavior.agent({ agent: idOf(name) })).windows.length;
        },
        { interval: 5 },
      )
      .toBe(1);
    const { windows, reasons } = await client.behavior.agent({ agent: idOf(name) });
    const { evidence } = await client.behavior.evidence({ agent: idOf(name), reader: alice.subject });
    return {
      observers: windows[0]?.observers.toSorted(),
      hidden: reasons.flatMap(({ rule, hidden }) => (rule === "action-not-allowed" ? [hidden] : [])),
      problems: evidence.flatMap(({ problem }) => (problem === null ? [] : [problem.code])),
    };
  };
  expect(await judged("hides")).toEqual({ observers: ["gateway", "self"], hidden: [true], problems: [] });
  expect(await judged("elsewhen")).toEqual({ observers: ["gateway"], hidden: [false], problems: ["bet_stale"] });
  for (const name of ["broken", "silent"])
    expect(await judged(name)).toEqual({ observers: ["gateway"], hidden: [false], problems: [] });
  expect(asked).toEqual(["hides", "elsewhen", "broken", "silent"]);
  host.close();
});
