import { ORPCError } from "@orpc/client";
import { beforeEach, describe, expect, it } from "vitest";
import { createStopSender, type StopAnswer, type StopSender } from "./stop-sender.ts";

const ANSWER: StopAnswer = { jti: "j", latchedAtMs: 5, targets: 2, recorded: true };

interface Sent {
  readonly token: string;
  readonly resolve: (answer: StopAnswer) => void;
  readonly reject: (error: unknown) => void;
}

let nowMs: number;
let timers: { at: number; run: () => void }[];
let sent: Sent[];
let signed: number;
let sender: StopSender;

/** Lets everything that waits for a promise go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

const pass = async (ms: number): Promise<void> => {
  nowMs += ms;
  const due = timers.filter((timer) => timer.at <= nowMs);
  timers = timers.filter((timer) => timer.at > nowMs);
  for (const timer of due) timer.run();
  await settle();
};

const refusal = (code: string): unknown =>
  new ORPCError("REFUSED", {
    defined: true,
    data: { type: "about:blank", title: "Refused", status: 403, detail: "no", code },
  });

beforeEach(() => {
  nowMs = 1000;
  timers = [];
  sent = [];
  signed = 0;
  sender = createStopSender({
    sign: async () => ({ token: `token ${++signed}`, jti: `jti ${signed}` }),
    send: (token) => new Promise((resolve, reject) => sent.push({ token, resolve, reject })),
    nowMs: () => nowMs,
    after: (delay, run) => timers.push({ at: nowMs + delay, run }),
  });
});

describe("sending a stop", () => {
  it("[S6] [S7] is shown in the turn of the press, waits for nothing but its signature, and says sending until the enforcement point answers that it holds", async () => {
    sender.press();
    expect(sender.store.getState()).toMatchObject({ phase: "sending", attempts: 1, pressedAtMs: 1000 });
    await settle();
    expect(sent.map((one) => one.token)).toEqual(["token 1"]);
    sent[0]?.resolve(ANSWER);
    await settle();
    expect(sender.store.getState()).toMatchObject({ phase: "latched", answer: ANSWER, problem: null });
  });

  it("[OVR-20] sends the same token again 250 ms after a failure, and says why", async () => {
    sender.press();
    await settle();
    sent[0]?.reject(new DOMException("port closed", "AbortError"));
    await settle();
    expect(sender.store.getState().problem?.code).toBe("connection_lost");
    await pass(249);
    expect(sent).toHaveLength(1);
    await pass(1);
    expect(sent.map((one) => one.token)).toEqual(["token 1", "token 1"]);
    sent[1]?.resolve(ANSWER);
    await settle();
    expect(sender.store.getState()).toMatchObject({ phase: "latched", attempts: 2, problem: null });
  });

  it("[OVR-S3] sends again when nobody answers for a second, and takes whichever answer comes", async () => {
    sender.press();
    await settle();
    await pass(1000);
    expect(sent).toHaveLength(2);
    sent[0]?.resolve(ANSWER);
    await settle();
    expect(sender.store.getState().phase).toBe("latched");
    await pass(5000);
    expect(sent).toHaveLength(2);
  });

  it("keeps one chain of attempts when an old one fails late", async () => {
    sender.press();
    await settle();
    await pass(1000);
    sent[0]?.reject(new Error("late"));
    await settle();
    await pass(999);
    expect(sent).toHaveLength(2);
    await pass(1);
    expect(sent).toHaveLength(3);
  });

  it("[OVR-20] takes its own token, known already, for an answer that was lost on the way", async () => {
    sender.press();
    await settle();
    sent[0]?.reject(refusal("token_replayed"));
    await settle();
    expect(sender.store.getState()).toMatchObject({ phase: "latched", answer: { jti: "jti 1", recorded: true } });
  });

  it("does not repeat what was refused, and names the code", async () => {
    sender.press();
    await settle();
    sent[0]?.reject(refusal("token_key_unknown"));
    await settle();
    expect(sender.store.getState()).toMatchObject({ phase: "refused", problem: { code: "token_key_unknown" } });
    await pass(10_000);
    expect(sent).toHaveLength(1);
  });

  it("signs anew when the delivery window of the first token ends", async () => {
    sender.press();
    await settle();
    for (let attempt = 0; attempt < 300; attempt += 1) {
      sent.at(-1)?.reject(new Error("down"));
      await settle();
      await pass(1000);
    }
    expect(sent.at(-1)?.token).toBe("token 2");
  });

  it("ignores a press while one is on its way, and takes a new one afterwards", async () => {
    sender.press();
    sender.press();
    await settle();
    expect(sent).toHaveLength(1);
    sent[0]?.resolve(ANSWER);
    await settle();
    sender.press();
    await settle();
    expect(sent.map((one) => one.token)).toEqual(["token 1", "token 2"]);
  });
});
