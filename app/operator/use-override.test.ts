import { ORPCError } from "@orpc/client";
import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "../api/client/client.ts";
import type { Press } from "../protocol/override/stop-line.ts";
import type { OperatorSession } from "./session.ts";
import { stopSenderOf } from "./use-override.ts";

const operator = {
  id: "spiffe://console.local/human/alice",
  domain: "console.local",
  kid: "k",
  roles: ["operator"],
};
const scope = { kind: "domain", id: "console.local" } as const;

function sending() {
  const raised = new Map<string, Press>();
  let answer: (() => void) | null = null;
  let refuse: ((error: unknown) => void) | null = null;
  const line = {
    raise: (press: Press) => {
      raised.set(press.jti, press);
      return () => void raised.delete(press.jti);
    },
  };
  // All that a sender of stops uses of them.
  const session = {
    store: { getState: () => ({ operator }) },
    touch: () => 1,
    sign: async () => "token",
  } as unknown as OperatorSession; // only what an emergency stop asks of it
  const control = {
    override: {
      signal: () =>
        new Promise((resolve, reject) => {
          answer = () => resolve({ jti: "j", latchedAtMs: 1, targets: 0, recorded: true });
          refuse = reject;
        }),
    },
  } as unknown as SignalboxClient; // the one operation that is called
  const sender = stopSenderOf(session, control, () => ({ scope, reason: "test" }), line);
  return { sender, session, control, raised, answer: () => answer?.(), refuse: (error: unknown) => refuse?.(error) };
}

describe("a stop that is pressed", () => {
  it("[OVR-42] [S5] is raised on the line in the turn of the press, and stays there until it is answered", async () => {
    const { sender, raised, answer } = sending();
    sender.press();
    expect([...raised.values()]).toMatchObject([{ scope }]);
    await expect
      .poll(() => {
        answer();
        return sender.store.getState().phase;
      })
      .toBe("latched");
    expect(raised.size).toBe(0);
  });

  it("[OVR-42] goes on being raised while an attempt fails without an answer, and not when it is refused", async () => {
    const { sender, raised, refuse } = sending();
    sender.press();
    await expect
      .poll(() => {
        refuse(new Error("the engine's worker is gone"));
        return sender.store.getState().problem;
      })
      .not.toBeNull();
    expect([sender.store.getState().phase, raised.size]).toEqual(["sending", 1]);
    const no = new ORPCError("REFUSED", {
      defined: true,
      data: { type: "about:blank", title: "Refused", status: 403, detail: "no", code: "token_signature_invalid" },
    });
    // By the next attempt, which comes by itself.
    await expect
      .poll(() => {
        refuse(no);
        return sender.store.getState().phase;
      })
      .toBe("refused");
    expect(raised.size).toBe(0);
  });

  it("[OVR-45] [S5] is raised before anything else is done about the press, and never for nobody", async () => {
    const { control } = sending();
    const order: string[] = [];
    let signedIn = true;
    let failing = false;
    const signed: { jti: string }[] = [];
    const session = {
      store: { getState: () => ({ operator: signedIn ? operator : null }) },
      touch: () => order.push("touch"),
      sign: async (_typ: string, claims: { jti: string }) => {
        signed.push(claims);
        if (!failing) return "token";
        failing = false;
        throw new Error("not now");
      },
    } as unknown as OperatorSession; // only what an emergency stop asks of it
    const pressed: Press[] = [];
    const line = {
      raise: (press: Press) => {
        pressed.push(press);
        order.push("raised");
        return () => undefined;
      },
    };
    const sender = stopSenderOf(session, control, () => ({ scope, reason: "test" }), line);
    sender.store.subscribe(() => order.push("shown"));
    sender.press();
    expect(order.slice(0, 2)).toEqual(["raised", "shown"]);
    expect(order).toContain("touch");
    await expect.poll(() => signed.length).toBe(1);
    expect(signed[0]?.jti).toBe(pressed[0]?.jti);
    // What could not be signed is signed again as the same press: its page stands aside once (OVR-44).
    failing = true;
    const retried = stopSenderOf(session, control, () => ({ scope, reason: "test" }), line);
    retried.press();
    await expect.poll(() => signed.length).toBe(3);
    expect(pressed).toHaveLength(2);
    expect(signed.slice(1).map(({ jti }) => jti)).toEqual([pressed[1]?.jti, pressed[1]?.jti]);
    // Pressed again while it is on its way it is the same press.
    sender.press();
    expect(pressed).toHaveLength(2);
    signedIn = false;
    const another = stopSenderOf(session, control, () => ({ scope, reason: "test" }), line);
    another.press();
    expect(pressed).toHaveLength(2);
  });
});
