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

export default defineConfig({
  plugins: [react(), tailwindcss(), englishOnly, policyInPage],
  server: { host: "127.0.0.1", headers: isolationHeaders },
  preview: { host: "127.0.0.1", headers: pageHeaders },
  worker: { format: "es" },
  build: {
    target: "es2024",
    manifest: true,
    modulePreload: { polyfill: false },
    // No asset inside the code: the policy allows none as data except images, and each is cached by itself.
    assetsInlineLimit: 0,
    sourcemap: true,
  },
});
