import { enrolledOperator, type TestClient, until } from "../api/dispatch/operator.fixture.ts";
import { ECT_EXT } from "../protocol/ect/claims.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";

/** Starts a run whose agents act, or do not, and waits until nothing is left to do. */
export async function acted(client: TestClient, run: RecordedRun, acts = true) {
  const alice = await enrolledOperator(client);
  const ext = () => (acts ? { [ECT_EXT.acts]: true } : {});
  const { wid } = await alice.start(run, { speed: 1000, ext });
  const done = await until(client, async () => {
    const { workflow } = await client.workflow.get({ wid });
    return workflow.status === "finished" ? workflow : null;
  });
  return { alice, wid, counts: done.counts };
}
