import { expect, test } from "vitest";
import { must } from "../../base/assert.ts";
import { contractSuite } from "../dispatch/contract.suite.ts";
import { enrolledOperator, smallRun, until } from "../dispatch/operator.fixture.ts";
import { connectEmbedded } from "./connect.ts";

contractSuite("served by the embedded host in a browser worker over IndexedDB", async () => {
  const connected = connectEmbedded(`test-${crypto.randomUUID()}`);
  return { client: connected.client, close: () => connected.close() };
});

test("[OVR-42] [S5] what is pressed in a page bars the effects of its tab's engine, there and nowhere else, until it is taken back", {
  timeout: 60_000,
}, async () => {
  const { client, stopLine, close } = connectEmbedded(`test-${crypto.randomUUID()}`);
  const alice = await enrolledOperator(client);
  const held = crypto.randomUUID();
  const lower = must(stopLine, "the tests are served isolated").raise({
    jti: crypto.randomUUID(),
    scope: { kind: "workflow", id: held },
  });
  await alice.start(smallRun("Held"), { wid: held });
  const free = await alice.start(smallRun("Free"));
  const effectsOf = async (wid: string): Promise<number> => {
    const { rows } = await client.audit.entries({ limit: 1000 });
    return rows.filter((row) => row.wid === wid && row.action === "effect_started").length;
  };
  // All that the free one does without a human, though it was started later.
  await until(client, async () => ((await effectsOf(free.wid)) === 3 ? true : null));
  expect(await effectsOf(held)).toBe(0);
  lower();
  await until(client, async () => ((await effectsOf(held)) === 3 ? true : null));
  close();
});
