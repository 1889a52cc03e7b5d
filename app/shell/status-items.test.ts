import { describe, expect, it } from "vitest";
import { CONTRACT_VERSION } from "../api/contract/version.ts";
import type { HostStatus } from "./host-status.ts";
import { type StatusInput, type StatusItem, statusItems } from "./status-items.ts";

const NOW = 1_772_064_100_000;
const status: HostStatus = {
  position: { domain: "console.local", size: 120, root: "r", atMs: NOW },
  kind: "embedded",
  contractVersion: CONTRACT_VERSION,
  epoch: 0,
  storage: { state: "ok", detail: "IndexedDB", usageBytes: 12_400_000, quotaBytes: 1e9 },
  integrity: { state: "intact", checkedSize: 120, checkedAtMs: NOW - 240_000, report: null },
  sth: { size: 100, iat: NOW / 1000 - 40 },
  isolated: true,
  pool: { workers: 1, agents: 4 },
  pendingGates: 0,
  latched: 0,
  running: 1,
};
const input: StatusInput = {
  connection: { state: "leader", detail: "This tab runs the engine.", sinceMs: NOW - 60_000 },
  status,
  readAtMs: NOW - 1000,
  conflict: null,
  persisted: true,
  nowMs: NOW,
};

const item = (id: StatusItem["id"], change: Partial<StatusInput> = {}): StatusItem => {
  const found = statusItems({ ...input, ...change }).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
};
const withStatus = (change: Partial<HostStatus>): Partial<StatusInput> => ({ status: { ...status, ...change } });

describe("the status bar", () => {
  it("[A9] is grey while all is well, and every value has words", () => {
    for (const one of statusItems(input)) {
      expect(one.tone).toBe("neutral");
      expect(one.text).not.toBe("");
      expect(one.sentence).not.toBe("");
    }
  });

  it("[L1] calls a status old after three missed heartbeats, by shape and words", () => {
    expect(item("connection", { readAtMs: NOW - 14_000 }).text).toBe("leader");
    expect(item("connection", { readAtMs: NOW - 16_000 })).toMatchObject({
      text: "no answer",
      shape: "triangle",
      age: "16 s",
    });
  });

  it("[L1] shows the age of the check and of the signed head", () => {
    expect(item("log").age).toBe("4 min");
    expect(item("head")).toMatchObject({ text: "head 100", age: "40 s" });
  });

  it("says what a check covered when it did not cover everything", () => {
    const { integrity } = status;
    expect(item("log", withStatus({ integrity: { ...integrity, checkedSize: 20 } })).more).toContain(
      "20 of 120 entries",
    );
  });

  it("[C2] lets a broken or changed log stand out whatever else is said", () => {
    const broken = withStatus({ integrity: { ...status.integrity, state: "broken" } });
    expect(item("log", broken)).toMatchObject({ text: "BROKEN", tone: "critical" });
    const conflict = { kind: "shorter", seen: { size: 130, root: "a", seenAtMs: 0 }, size: 120, root: "r" } as const;
    expect(item("log", { conflict })).toMatchObject({ text: "changed", tone: "critical" });
  });

  it("never shows storage that records nothing as stored", () => {
    const full = withStatus({ storage: { ...status.storage, state: "full" } });
    expect(item("storage", full)).toMatchObject({ tone: "critical", more: "nothing is recorded" });
    const memory = withStatus({ storage: { ...status.storage, state: "memory" } });
    expect(item("storage", memory)).toMatchObject({ tone: "warning", text: "not kept" });
    expect(item("storage", { persisted: false }).more).toBe("may be cleared");
  });

  it("says that stops are slower where the page is not isolated", () => {
    expect(item("connection", withStatus({ isolated: false }))).toMatchObject({
      tone: "warning",
      more: "stops are slower",
    });
  });

  it("asks for a reload when page and engine speak different versions", () => {
    expect(item("version", withStatus({ contractVersion: "0.9.0" }))).toMatchObject({
      tone: "critical",
      text: "reload",
    });
  });

  it("knows nothing before the first answer, and says so", () => {
    expect(item("storage", { status: undefined }).text).toBe("unknown");
    expect(item("log", { status: undefined }).text).toBe("unknown");
  });

  it("gives every value of a status its age, storage as well, whatever its state", () => {
    const states = [
      input,
      {
        ...input,
        ...withStatus({ sth: null, integrity: { ...status.integrity, state: "unchecked", checkedAtMs: null } }),
      },
      { ...input, ...withStatus({ storage: { ...status.storage, state: "full" } }) },
      { ...input, ...withStatus({ integrity: { ...status.integrity, state: "checking", checkedAtMs: null } }) },
    ];
    for (const state of states) {
      for (const one of statusItems(state)) if (one.id !== "version") expect(one.age, one.id).not.toBe("");
    }
    expect(item("storage").age).toBe("1 s");
    expect(item("connection").age).toBe("1 min");
    expect(item("storage", { status: undefined, readAtMs: 0 }).age).toBe("");
  });
});
