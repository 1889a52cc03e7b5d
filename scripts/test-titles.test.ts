import { describe, expect, it } from "vitest";
import { testTitles } from "./test-titles.mjs";

const titles = (...lines: string[]) => testTitles("x.test.ts", lines.join("\n"));

describe("titles of tests", () => {
  it("are those of it, test and describe, and of no other text", () => {
    expect(
      titles(
        'describe("[A-1] group", () => { it("[A-2] one", () => { expect(x).toBe("[A-9] no title"); }); });',
        'test.describe("[A-3] page", () => { test("[A-4] two", async ({ page }) => {}); });',
        'it("[A-5] late", { timeout: 5 }, () => {});',
        'const words = ["[A-9] no title"]; log("[A-9] no title");',
        'test.step("[A-6] step", () => {});',
      ),
    ).toEqual(["[A-1] group", "[A-2] one", "[A-3] page", "[A-4] two", "[A-5] late", "[A-6] step"]);
  });

  it("are those of a table's rows whose first column is in the title", () => {
    expect(
      titles(
        'it.each([["[A-1] one", 1], ["[A-2] two", 2]] as const)("%s", () => {});',
        'const rows: Row[] = [["[A-3] three", 3]];',
        'it.each(rows)("%s is refused", () => {});',
        'it.each([["[A-6] after the end"], ["before"]])("holds back %s", () => {});',
        'it.each(vectors)("[A-4] $name is judged", () => {});',
        'it.each(["[A-9] argument"])("[A-5] with %j", () => {});',
      ),
    ).toEqual([
      "[A-1] one",
      "[A-2] two",
      "[A-3] three is refused",
      "holds back %s",
      "[A-6] holds back after the end",
      "[A-4] $name is judged",
      "[A-5] with %j",
    ]);
  });

  it("are not those of what is skipped, in whatever way", () => {
    expect(
      titles(
        'it.skip("[A-1] a", () => {});',
        'describe.skip("[A-2] b", () => { it("[A-3] c", () => {}); });',
        'it.todo("[A-4] d");',
        'test.fixme("[A-5] e", async () => {});',
        'it.skipIf(process.env.CI)("[A-6] f", () => {});',
        'it.skip.each([["[A-7] g"]])("%s", () => {});',
        'test("[A-8] h", () => { test.skip(true, "not here"); });',
        'it("[A-9] i", (context) => { if (x) context.skip(); });',
        'it.fails("[A-10] j", () => {});',
        'describe("[A-11] k", () => { it.skip("[A-12] l", () => {}); it("[A-13] m", () => {}); });',
      ),
    ).toEqual(["[A-11] k", "[A-13] m"]);
  });
});
