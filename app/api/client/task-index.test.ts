import { v5 as uuidV5 } from "uuid";
import { describe, expect, it } from "vitest";
import { taskIndex } from "./task-index.ts";

const WID = "0195400c-0000-7000-8000-00000000000a";
const run = { ids: ["a", "b", "c"], names: ["stage", "stage", "last"] };

describe("the task of an entry", () => {
  it("is found by its token id, also among tasks of one name or without it", () => {
    expect(taskIndex(run, WID, uuidV5("b", WID), "stage")).toBe(1);
    expect(taskIndex(run, WID, uuidV5("c", WID), null)).toBe(2);
  });

  it("is none where the run does not have it", () => {
    expect(taskIndex(run, WID, uuidV5("d", WID), "stage")).toBeNull();
    expect(taskIndex(run, "0195400c-0000-7000-8000-00000000000b", uuidV5("b", WID), "stage")).toBeNull();
  });
});
