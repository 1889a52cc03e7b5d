import { afterEach, expect, it, vi } from "vitest";
import type { FromWorker, ToWorker } from "../../worker/messages.ts";
import { enrolledOperator } from "../dispatch/operator.fixture.ts";
import { connectEmbedded } from "./connect.ts";

/** A worker that tells the page what the test has it tell. */
class ToldWorker extends EventTarget {
  static made: ToldWorker[] = [];
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly got: ToWorker[] = [];
  terminated = false;

  constructor() {
    super();
    ToldWorker.made.push(this);
  }
  postMessage(message: ToWorker): void {
    this.got.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  tell(data: FromWorker): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  ToldWorker.made = [];
});

it("[L2] shows why there is no engine, and whether it is tried again, until there is one", () => {
  vi.stubGlobal("Worker", ToldWorker);
  const connected = connectEmbedded("told");
  const [worker] = ToldWorker.made;
  const shown = (): string => `${connected.connection.getState().state}: ${connected.connection.getState().detail}`;
  const detail = "another tab keeps an older version of the storage open; close or reload it";
  worker?.tell({ t: "failed", code: "storage_blocked", detail, retry: true });
  expect(shown()).toBe(`failed: ${detail}; it is tried again every second`);
  worker?.tell({ t: "failed", code: "storage_blocked", detail: "written by a newer version; reload", retry: false });
  expect(shown()).toBe("failed: written by a newer version; reload");
  worker?.tell({ t: "leader", epoch: 1 });
  expect(connected.connection.getState().state).toBe("leader");
  connected.close();
  expect([worker?.terminated, worker?.got.at(-1)]).toEqual([true, { t: "close" }]);
});

it("[XDA-49] opens the profile anew under the name it is given, and asks again what was asked meanwhile, in every tab", {
  timeout: 60_000,
}, async () => {
  const profile = `named-${crypto.randomUUID()}`;
  const first = connectEmbedded(profile);
  expect(await first.client.identity.describe()).toMatchObject({
    trustDomain: "console.local",
    trustDomainFixed: null,
  });
  const second = connectEmbedded(profile);
  expect((await second.client.identity.describe()).trustDomain).toBe("console.local");
  expect(await second.client.identity.nameDomain({ trustDomain: "ops.example" })).toEqual({
    trustDomain: "ops.example",
  });
  for (const { client } of [first, second])
    await expect
      .poll(async () => (await client.identity.describe()).trustDomain, { timeout: 30_000 })
      .toBe("ops.example");
  const alice = await enrolledOperator(second.client);
  expect(alice.subject).toContain("spiffe://ops.example/human/");
  expect((await first.client.identity.describe()).trustDomainFixed).toContain("a log keeps its name");
  first.close();
  second.close();
});
