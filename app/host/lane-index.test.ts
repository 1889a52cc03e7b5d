import { describe, expect, it } from "vitest";
import type { Fact } from "../engine/fact.ts";
import type { EntryRowCore } from "./entry-row.ts";
import { CAUSE_KINDS, createLaneIndex } from "./lane-index.ts";

interface Given {
  readonly jti: string;
  readonly task?: string;
  readonly pred?: readonly string[];
  readonly request?: string;
  readonly cause?: string;
}

/** Entries by what they name; only what the index looks at is there. */
function indexed(given: readonly Given[]) {
  const byJti = new Map<string, number>();
  const byTask = new Map<string, number[]>();
  const index = createLaneIndex({
    seqOf: (jti) => byJti.get(jti) ?? null,
    about: (jti) => byTask.get(jti) ?? [],
  });
  given.forEach(({ jti, task, pred, request, cause }, seq) => {
    const claims = {
      jti,
      ...(pred === undefined ? {} : { pred }),
      ...(request === undefined ? {} : { request: { jti: request } }),
      ...(cause === undefined ? {} : { cause: { jti: cause } }),
    };
    const fact = { typ: pred === undefined ? "record+jwt" : "exec+jwt", claims } as unknown as Fact; // no other claim is read
    index.add({ seq, jti, task: task ?? null } as EntryRowCore, fact); // nor any other member of the row
    byJti.set(jti, seq);
    if (task !== undefined) byTask.set(task, [...(byTask.get(task) ?? []), seq]);
  });
  /** Causes of each entry, as `entry kind`. */
  const causes = (from = 0, to = given.length): string[][] => {
    const slice = index.slice(from, to);
    let at = 0;
    return [...slice.counts].map((count) => {
      const found = Array.from(
        { length: count },
        (_, k) => `${slice.causes[at + k]} ${CAUSE_KINDS[slice.kinds[at + k] ?? 0]}`,
      );
      at += count;
      return found;
    });
  };
  return { causes, unknown: () => [...index.slice(0, given.length).unknown] };
}

describe("what an entry follows from", () => {
  it("[XA-72] leads from request to decision to permission to execution to outcome, each once", () => {
    const { causes, unknown } = indexed([
      { jti: "before", task: "before", pred: [] },
      { jti: "asked", task: "t", pred: ["before"] },
      { jti: "gate", task: "t", cause: "asked" },
      { jti: "request", task: "t" },
      { jti: "decision", request: "request" },
      { jti: "permitted", task: "t", cause: "decision" },
      { jti: "effect", task: "t", cause: "asked" },
      { jti: "t", task: "t", pred: ["before"] },
    ]);
    expect(causes()).toEqual([
      [],
      ["0 pred"],
      ["1 answers"],
      ["2 task"],
      ["3 answers"],
      ["4 answers"],
      ["5 task"],
      ["0 pred", "6 task"],
    ]);
    expect(causes(4, 6)).toEqual([["3 answers"], ["4 answers"]]);
    expect(unknown()).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("[N11] [XA-73] counts what is named and not there, and tells when it comes after all", () => {
    const { causes, unknown } = indexed([
      { jti: "a", pred: ["late", "never"] },
      { jti: "b", pred: ["late"] },
      { jti: "late", pred: [] },
    ]);
    expect(unknown()).toEqual([2, 1, 0]);
    expect(causes()).toEqual([[], [], ["0 late", "1 late"]]);
  });
});
