import { defineConfig } from "@playwright/test";
import { chromiumExecutable, chromiumFlags } from "./scripts/chromium.mjs";

const PORT = 4199;
const HARNESS_PORT = 4198;
const executablePath = chromiumExecutable();

/** Journeys of an operator in a real browser, against the built console as `npm start` serves it. */
export default defineConfig({
  testDir: "e2e",
  projects: [
    { name: "journeys", testDir: "e2e/journeys" },
    // Pictures of every screen for people to look at: `npm run screens`.
    { name: "screens", testDir: "e2e/screens" },
  ],
  fullyParallel: true,
  // One more than cores of the smallest machine: journeys wait for a fifth of their time.
  workers: 3,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["line"], ["json", { outputFile: ".cache/journeys.json" }]],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    // Recording costs every journey time: wanted when one fails, with `--trace retain-on-failure`.
    trace: "off",
    launchOptions: { args: chromiumFlags(), ...(executablePath ? { executablePath } : {}) },
  },
  webServer: [
    {
      command: `node scripts/start.mjs --no-open --port ${PORT}`,
      url: `http://127.0.0.1:${PORT}/`,
      reuseExistingServer: false,
      timeout: 120_000,
    },
    {
      command: `node e2e/harness/serve.mjs ${HARNESS_PORT}`,
      url: `http://127.0.0.1:${HARNESS_PORT}/`,
      reuseExistingServer: false,
      timeout: 120_000,
    },
  ],
});
