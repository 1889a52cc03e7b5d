import { afterEach, expect, it, vi } from "vitest";
import type { FromWorker, ToWorker } from "../../worker/messages.ts";
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
