import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { createWorkerPool, type FromPoolWorker, type ToPoolWorker } from "../worker-pool.ts";
import { answerCall, boundDesk, type DeskCall } from "./desk-messages.ts";
import { AGENT, act, NOW_MS, value, write } from "./resource-store.suite.ts";
import { createResourceStore } from "./values-store.ts";

const newStore = () => createResourceStore(createMemoryStorage().values, () => NOW_MS, nobleSha256);

describe("the store as an agent has it", () => {
  it("[CAS-29] is asked in the agent's own name, whatever the call says", async () => {
    const store = newStore();
    const wid = v4();
    const { ckptId } = await act(store, wid, "t", [write(wid, "a", "x")]);
    const mine = boundDesk(store, AGENT);
    const theirs = boundDesk(store, `${AGENT}-2`);
    expect(value(await mine.held(`${AGENT}-2`, [ckptId]))).toHaveLength(1);
    expect(value(await theirs.held(AGENT, [ckptId]))).toEqual([]);
    const order = {
      agent: AGENT,
      rbId: v4(),
      n: 1,
      task: v4(),
      method: "restore",
      ckptId,
      compensation: v4(),
    } as const;
    expect(value(await theirs.undo(order))).toMatchObject({ status: "failed", code: "checkpoint_missing" });
  });

  it("[CAS-29] answers also what is no call of it", async () => {
    const malformed: unknown[] = [null, { op: "save" }, { op: "read", args: ["store://x/y"] }];
    // A worker that is somebody else's sends anything.
    for (const call of malformed)
      expect(await answerCall(newStore(), AGENT, call as DeskCall)).toMatchObject({
        error: { code: "desk_message_invalid" },
      });
  });

  it("[CAS-29] answers a worker for the agents that live in it, and for nobody else", async () => {
    const store = newStore();
    const posted: ToPoolWorker[] = [];
    const worker = {
      onmessage: null as ((event: { data: FromPoolWorker }) => void) | null,
      postMessage: (message: ToPoolWorker) => posted.push(message),
      terminate: () => undefined,
    };
    const pool = createWorkerPool({
      // As much of a worker as a pool touches.
      spawn: () => worker as unknown as Worker,
      workers: 1,
      name: "test",
      // Nobody ends it here.
      locks: {} as LockManager,
      isolated: false,
    });
    const { signer, jwk } = await generateSigner();
    pool.serve(store, jwk);
    pool.admit("resident", signer, "pep");
    worker.onmessage?.({ data: { t: "ready" } });
    expect(posted.find((message) => message.t === "agent")).toMatchObject({ pepKey: jwk });
    const ask = (agent: string, id: number) =>
      worker.onmessage?.({ data: { t: "store", agent, id, call: { op: "kept", args: [agent] } } });
    ask("stranger", 1);
    ask("resident", 2);
    await expect
      .poll(() => posted.filter((message) => message.t === "stored"))
      .toEqual([{ t: "stored", agent: "resident", id: 2, answer: { ok: true, value: [] } }]);
  });
});
