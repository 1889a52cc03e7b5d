import "./owner-stacks.ts";
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// The machine may be busy with other suites: nothing waits longer than it must, and nothing is given up early.
configure({ asyncUtilTimeout: 20_000 });

/** jsdom lays nothing out, so that no size ever changes. */
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

/** Files share one document and one clock (vitest.config.ts): each test leaves them as it found them. */
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
  window.localStorage.clear();
  window.sessionStorage.clear();
});
