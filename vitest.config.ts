import react from "@vitejs/plugin-react";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumExecutable, chromiumFlags } from "./scripts/chromium.mjs";

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const executablePath = chromiumExecutable();

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          // No file changes what others see: a fresh world for each costs as much as a third of their tests.
          isolate: false,
          // Properties take what the other worker leaves them; what hangs is told all the same.
          testTimeout: 20_000,
          expect: { poll: { timeout: 15_000 } },
          include: [
            "app/**/*.test.ts",
            "server/**/*.test.ts",
            "mocks/**/*.test.ts",
            "scripts/**/*.test.ts",
            "bench/**/*.test.ts",
          ],
          exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
        },
      },
      {
        test: {
          name: "verifier",
          environment: "node",
          testTimeout: 20_000,
          include: ["verifier/**/*.test.ts"],
        },
      },
      {
        plugins: [react()],
        test: {
          name: "dom",
          environment: "jsdom",
          // A document, React and our own modules made anew for each file cost twice what all tests do.
          isolate: false,
          include: ["app/**/*.dom.test.tsx"],
          setupFiles: ["./scripts/dom-setup.ts"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [react()],
        server: { headers: isolation },
        // Not under node_modules: checkouts that share it would rebuild each other's bundled packages in mid-run.
        // And one for each run beside others.
        cacheDir: `.cache/vite/${process.env.SIGNALBOX_SUITE ?? "browser"}`,
        worker: { format: "es" },
        // What only workers import is found too late otherwise: the page would be reloaded in the middle of a test.
        optimizeDeps: {
          include: [
            "d3-dag",
            "idb",
            "zod",
            "zod/mini",
            "p-limit",
            "jose",
            "uuid",
            "hash-wasm",
            "canonicalize",
            "chevrotain",
            "zustand/vanilla",
            // A file that is not there is answered with index.html, whose script is then looked through.
            "react-dom/client",
            "@simplewebauthn/browser",
            "@simplewebauthn/server",
            "@simplewebauthn/server/helpers",
            "reflect-metadata",
            "@orpc/client",
            "@orpc/client/message-port",
            "@orpc/server",
            "@orpc/server/message-port",
          ],
        },
        test: {
          name: "browser",
          include: ["app/**/*.browser.test.ts", "app/**/*.browser.test.tsx"],
          setupFiles: ["./scripts/browser-setup.ts"],
          testTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { args: chromiumFlags(), ...(executablePath ? { executablePath } : {}) },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
