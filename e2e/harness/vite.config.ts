import { defineConfig } from "vite";

/** A page of the embedded host alone, for journeys about tabs: no screens, so that tabs open and die quickly. */
export default defineConfig({
  root: "e2e/harness",
  build: { outDir: "../../.cache/harness", emptyOutDir: true, target: "es2022" },
  worker: { format: "es" },
});
