import { describe, expect, it } from "vitest";
import { leaksIn, workerOf } from "./page-modules.mjs";

const manifest = {
  "index.html": { file: "index.js", imports: ["_shared.js"], dynamicImports: ["pane.tsx"] },
  "_shared.js": { file: "shared.js" },
  "pane.tsx": { file: "pane.js", imports: ["_shared.js", "index.html"] },
};
const page = { "index.js": ["app/shell/main.tsx"], "shared.js": ["node_modules/x.js"], "pane.js": ["app/ui/a.tsx"] };
const workers = { "worker.js": ["app/worker/main.ts", "app/engine/engine.ts"] };
const leaks = (changed: Record<string, string[]>) =>
  leaksIn(manifest, { page: { ...page, ...changed }, workers }, "index.html");

describe("what is in the page", () => {
  it("is no module of the engine's side, in no chunk that the entry leads to", () => {
    expect(leaks({})).toEqual([]);
    expect(leaks({ "shared.js": ["app/engine/state.ts"] })).toEqual(["shared.js has app/engine/state.ts in it"]);
    expect(leaks({ "pane.js": ["app/gateway/latch-table.ts", "app/storage/frame.ts"] })).toEqual([
      "pane.js has app/gateway/latch-table.ts in it",
      "pane.js has app/storage/frame.ts in it",
    ]);
    expect(leaks({ "stray.js": ["app/engine/engine.ts"] })).toEqual([]);
  });

  it("is not taken for clean when it cannot be seen", () => {
    expect(leaksIn(manifest, { page: {}, workers }, "index.html")).toHaveLength(4);
    expect(leaksIn({}, { page, workers }, "index.html")).toContain("index.html is not in the build's manifest");
    expect(leaksIn(manifest, { page, workers: {} }, "index.html")).toHaveLength(1);
  });

  it("is beside the worker with the engine, which is found by its module", () => {
    expect(workerOf({ page, workers }, "app/worker/main.ts")).toBe("worker.js");
    expect(workerOf({ page, workers }, "app/worker/other.ts")).toBeUndefined();
  });
});
