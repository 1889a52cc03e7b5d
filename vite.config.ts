import { relative } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { contentSecurityPolicy, isolationHeaders, pageHeaders } from "./scripts/headers.mjs";

/** The policy travels with the built page, whoever serves it. Not in development: hot reload needs inline scripts. */
const policyInPage: Plugin = {
  name: "signalbox:policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: contentSecurityPolicy },
      injectTo: "head-prepend",
    },
  ],
};

/** React Aria's own words in thirty languages: the console speaks one, and the others are a fifth of the first screen. */
const englishOnly: Plugin = {
  name: "signalbox:english-only",
  enforce: "pre",
  apply: "build",
  load: (id) => (OTHER_LANGUAGE.test(id) ? "export default {};" : null),
};
const OTHER_LANGUAGE =
  /\/react-(?:aria|aria-components|stately)\/dist\/private\/intl\/(?:.*\/)?(?!en-US)[a-z]{2}-[A-Z]{2}\.mjs$/;

/** Modules of each chunk, of the page's and of the workers' that are bundled on their way, for scripts/size.mjs to look at. */
const chunksSeen = { page: new Map<string, string[]>(), workers: new Map<string, string[]>() };
const moduleList = (side: keyof typeof chunksSeen): Plugin => ({
  name: `signalbox:modules-of-${side}`,
  apply: "build",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") chunksSeen[side].set(chunk.fileName, chunk.moduleIds.map(inProject));
    }
    if (side === "workers") return;
    const source = JSON.stringify({
      page: Object.fromEntries(chunksSeen.page),
      workers: Object.fromEntries(chunksSeen.workers),
    });
    this.emitFile({ type: "asset", fileName: ".vite/modules.json", source });
  },
});
const inProject = (id: string): string => (id.startsWith(import.meta.dirname) ? relative(import.meta.dirname, id) : id);

/**
 * What a page or a worker needs to begin is one file. In a hundred, one for each set of later parts that share it, it was a
 * sixth larger when packed for the engine's worker (301 and 254 kB), and a twelfth for the page (250 and 231 kB).
 */
const startsInOne = { codeSplitting: { groups: [{ name: "initial", tags: ["$initial" as const] }] } };

export default defineConfig({
  plugins: [react(), tailwindcss(), englishOnly, policyInPage, moduleList("page")],
  server: { host: "127.0.0.1", headers: isolationHeaders },
  preview: { host: "127.0.0.1", headers: pageHeaders },
  worker: { format: "es", plugins: () => [moduleList("workers")], rolldownOptions: { output: startsInOne } },
  build: {
    target: "es2024",
    manifest: true,
    modulePreload: { polyfill: false },
    // No asset inside the code: the policy allows none as data except images, and each is cached by itself.
    assetsInlineLimit: 0,
    sourcemap: true,
    rolldownOptions: { output: startsInOne },
    // scripts/size.mjs holds the budgets.
    chunkSizeWarningLimit: 1000,
  },
});
