import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WaitingRequest } from "./notify-plan.ts";
import { boundedName, noticeWords } from "./notify-words.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const request = (change: Partial<WaitingRequest> = {}): WaitingRequest => ({
  request: "0195400c-0000-7000-8000-00000000000a",
  action: "wire_transfer",
  consequence: "irreversible",
  onTimeout: "deny",
  deadlineMs: NOW + 60_000,
  ...change,
});

describe("the words of a notice", () => {
  it("name consequence, action and the point in time by which to answer", () => {
    expect(noticeWords({ kind: "request", request: request() }, false, NOW)).toEqual({
      title: "An irreversible action waits for a decision",
      body: expect.stringMatching(/^Action: wire_transfer\nAnswer by \d\d:01:00 \S+, else denied\.$/),
    });
    const calm = request({ consequence: "none", deadlineMs: null });
    expect(noticeWords({ kind: "request", request: calm }, false, NOW)).toEqual({
      title: "An action without consequence waits for a decision",
      body: "Action: wire_transfer",
    });
  });

  it("[J5] [F4] name the agent and how it stands, and where the screen may be seen only that there is one", () => {
    const agent = { agent: "spiffe://a/agent/b", name: "b\u202e".repeat(200), state: "nonconformant" } as const;
    const { title, body } = noticeWords({ kind: "agent", agent }, false, NOW);
    expect(title).toMatch(/^Agent b‹U\+202E›.*… is nonconformant$/);
    expect(title.length).toBeLessThan(160);
    expect(body).toBe("It did what its profile does not allow.");
    expect(noticeWords({ kind: "agent", agent }, true, NOW).title).toBe("An agent needs you");
  });

  it("count what waits, and what of it cannot be undone", () => {
    const requests = [
      ...Array.from({ length: 10 }, () => request({ consequence: "reversible" })),
      request(),
      request(),
    ];
    const words = noticeWords({ kind: "summary", requests }, false, NOW);
    expect(words.title).toBe("12 requests wait, 2 irreversible");
    expect(words.body).toMatch(/^The first must be answered by \d\d:01:00 \S+\.$/);
  });

  it("[S7] say that a stop was not obeyed, and by how many", () => {
    const stop = { jti: "s", violated: 2, targets: 5 };
    const silent = { kind: "stop", stop: { ...stop, silent: 1 } } as const;
    expect(noticeWords(silent, false, 0)).toEqual({
      title: "An order is not followed",
      body: "2 of 5 agents acted after it or gave no answer and were isolated.",
    });
    expect(noticeWords({ kind: "stop", stop }, false, NOW)).toEqual({
      title: "VIOLATED: a stop was not obeyed",
      body: "2 of 5 agents acted after it.",
    });
  });

  it("[COM-22] say nothing of what it is while the key is locked, whatever agents wrote", () => {
    const same = (about: (action: string, count: number) => Parameters<typeof noticeWords>[0]): void =>
      fc.assert(
        fc.property(fc.string(), fc.constantFrom("none", "reversible", "irreversible"), (action, consequence) => {
          const one = noticeWords(about(action, consequence.length), true, NOW);
          expect(one).toEqual(noticeWords(about("other", 1), true, NOW));
        }),
      );
    same((action) => ({ kind: "request", request: request({ action }) }));
    same((action) => ({ kind: "summary", requests: [request({ action }), request()] }));
    same((_, violated) => ({ kind: "stop", stop: { jti: "s", violated, targets: 9 } }));
  });

  it("[F4] show an agent's text on one line, bounded, with everything unseen named", () => {
    expect(boundedName("send\u202Eevil")).toBe("send‹U+202E›evil");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (action) => {
        const { title, body } = noticeWords({ kind: "request", request: request({ action }) }, false, NOW);
        expect(title).toBe("An irreversible action waits for a decision");
        expect(body.split("\n")).toHaveLength(2);
        expect(body.length).toBeLessThan(200);
        expect(body.replace("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
