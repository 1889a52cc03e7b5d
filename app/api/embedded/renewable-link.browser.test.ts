import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CONNECTION_LOST, createRenewableLink, type RenewableLink, stopFirst } from "./renewable-link.ts";

/** A leader in a worker of its own: `silent` ones take calls and never answer. */
interface Leader {
  readonly worker: Worker;
  /** The next call it has taken. */
  taken(): Promise<string>;
}

let leader: Leader;
let link: RenewableLink;
let workers: Worker[];

function lead(name: string): Leader {
  const worker = new Worker(new URL("../../worker/link-test-worker.fixture.ts", import.meta.url), {
    type: "module",
    name,
  });
  workers.push(worker);
  const calls: string[] = [];
  const waiting: ((call: string) => void)[] = [];
  worker.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const first = waiting.shift();
    if (first) first(data);
    else calls.push(data);
  });
  const taken = async (): Promise<string> => calls.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
  return { worker, taken };
}

/** The leader dies, the next one leads, the page is told. */
function handOver(name: string): void {
  leader.worker.terminate();
  leader = lead(name);
  link.renew();
}

const call = (path: string, signal?: AbortSignal): Promise<unknown> =>
  link.call(path.split("."), {}, signal ? { context: {}, signal } : { context: {} });

const newLink = (): RenewableLink =>
  createRenewableLink(() => {
    const { port1, port2 } = new MessageChannel();
    leader.worker.postMessage(port2, [port2]);
    return port1;
  });

beforeEach(() => {
  workers = [];
  leader = lead("silent");
  link = newLink();
});
afterEach(() => {
  vi.useRealTimers();
  link.close();
  for (const worker of workers) worker.terminate();
});

describe("a link whose leader dies", () => {
  test("asks the next one again what is harmless: reads, and writes that carry a signed token", async () => {
    const answers = [call("gate.queue"), call("gate.decide")];
    expect([await leader.taken(), await leader.taken()]).toEqual(["gate.queue", "gate.decide"]);
    handOver("second");
    expect(await Promise.all(answers)).toEqual(["second", "second"]);
    expect(await call("gate.queue")).toBe("second");
  });

  test("asks until one lives long enough to answer", async () => {
    const answer = call("gate.queue");
    for (let deaths = 0; deaths < 3; deaths += 1) {
      expect(await leader.taken()).toBe("gate.queue");
      handOver("silent");
    }
    handOver("last");
    expect(await answer).toBe("last");
  });

  test("says that the connection was lost where asking again could do a thing twice", async () => {
    const answer = call("workflow.playback");
    const refused = expect(answer).rejects.toMatchObject({ code: CONNECTION_LOST });
    await leader.taken();
    handOver("second");
    await refused;
    // Nothing of it reached the second one: what it takes first was asked afterwards.
    expect(await call("gate.queue")).toBe("second");
    expect(await leader.taken()).toBe("gate.queue");
  });

  test("ends the event streams that came from it", async () => {
    const notices = (await call("audit.watch")) as AsyncIterator<string>;
    expect(await notices.next()).toEqual({ done: false, value: "silent" });
    const ended = expect(notices.next()).rejects.toThrow();
    handOver("second");
    await ended;
    const again = (await call("audit.watch")) as AsyncIterator<string>;
    expect(await again.next()).toEqual({ done: false, value: "second" });
  });

  test("does not ask again what its caller has given up", async () => {
    const giveUp = new AbortController();
    const answer = call("gate.queue", giveUp.signal);
    const refused = expect(answer).rejects.toThrow("not wanted any more");
    await leader.taken();
    giveUp.abort(new Error("not wanted any more"));
    handOver("second");
    await refused;
    expect(await call("gate.decide")).toBe("second");
    expect(await leader.taken()).toBe("gate.decide");
  });

  test("[OVR-44] [S5] sends nothing more of a crowd from a press until it is answered, then all of it", async () => {
    const crowd = Array.from({ length: 100 }, () => call("gate.queue"));
    for (let sent = 0; sent < 8; sent += 1) await leader.taken();
    // Its bound does not run out while this test is slow.
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const line = stopFirst({ raise: () => () => undefined }, link);
    const lower = line.raise({ jti: "press", scope: { kind: "domain", id: "console.local" } });
    // What is answered from now on frees places that nothing takes.
    handOver("second");
    const control = newLink();
    const next: string[] = [];
    const stop = control.call(["gate", "decide"], {}, { context: {} });
    while (!next.includes("gate.decide")) next.push(await leader.taken());
    expect([await stop, next]).toEqual(["second", ["gate.decide"]]);
    lower();
    expect(await Promise.all(crowd)).toEqual(Array.from({ length: 100 }, () => "second"));
    // A stop that is not answered holds up its page for so long and no longer.
    link.standAside();
    const later = call("gate.queue");
    vi.advanceTimersByTime(1000);
    expect(await later).toBe("second");
    control.close();
  });

  test("[S5] has few requests before the engine at once: what comes by another link waits for no crowd, and none is lost", async () => {
    const crowd = Array.from({ length: 100 }, () => call("gate.queue"));
    const control = newLink();
    const stop = control.call(["gate", "decide"], {}, { context: {} });
    const taken: string[] = [];
    while (!taken.includes("gate.decide")) taken.push(await leader.taken());
    expect(taken.length).toBeLessThanOrEqual(9);
    handOver("second");
    control.renew();
    expect(await stop).toBe("second");
    expect(new Set(await Promise.all(crowd))).toEqual(new Set(["second"]));
    control.close();
  });

  test("[S5] gives up what had not had its turn when it is closed, or when its caller goes", async () => {
    const leaving = new AbortController();
    const crowd = Array.from({ length: 20 }, (_, at) => call("gate.queue", at === 19 ? leaving.signal : undefined));
    const outcomes = Promise.allSettled(crowd);
    await leader.taken();
    leaving.abort(new Error("not wanted any more"));
    link.close();
    for (const outcome of (await outcomes).slice(0, 19))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: CONNECTION_LOST } });
    await expect(crowd[19]).rejects.toThrow();
  });

  test("answers nothing more once it is closed", async () => {
    const refused = expect(call("gate.queue")).rejects.toMatchObject({ code: CONNECTION_LOST });
    await leader.taken();
    link.close();
    await refused;
    await expect(call("gate.queue")).rejects.toMatchObject({ code: CONNECTION_LOST });
  });
});
