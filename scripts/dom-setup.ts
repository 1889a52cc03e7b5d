import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/react";

// The machine may be busy with other suites: nothing waits longer than it must, and nothing is given up early.
configure({ asyncUtilTimeout: 20_000 });

/** jsdom lays nothing out, so that no size ever changes. */
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
