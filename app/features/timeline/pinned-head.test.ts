import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import type { VerifyReport } from "../../api/contract/audit.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { cachedRangeRoot, inclusionPath, leafHash, rootOf } from "../../protocol/merkle/tree.ts";
import { comparePin, type Proof, readPin, writePin } from "./pinned-head.ts";

const made = (name: string, size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, index) => leafHash(utf8(`${name} ${index}`), sha256));
const rootText = (leaves: readonly Uint8Array[]): string => toBase64url(rootOf(leaves, sha256));
const proofs =
  (leaves: readonly Uint8Array[], treeSize = leaves.length) =>
  async (seq: number): Promise<Proof> => ({
    leaf: toBase64url(leaves[seq] as Uint8Array),
    seq,
    treeSize,
    root: rootText(leaves.slice(0, treeSize)),
    path: inclusionPath(seq, treeSize, cachedRangeRoot(leaves, sha256)).map(toBase64url),
  });

const passed = { result: "passed", detail: "" } as const;
const reportOf = (leaves: readonly Uint8Array[], change: Partial<VerifyReport> = {}): VerifyReport => ({
  size: leaves.length,
  root: rootText(leaves),
  authentic: passed,
  included: passed,
  consistent: passed,
  complete: passed,
  plausible: passed,
  firstBad: null,
  entriesBefore: leaves.length,
  atMs: 0,
  tookMs: 0,
  ...change,
});

const log = made("entry", 40);
const pin = { size: 23, root: rootText(log.slice(0, 23)), pinnedAtMs: 1 };

describe("pinned head", () => {
  it("[XA-20] agrees with a log that grew out of it", async () => {
    expect(await comparePin(pin, reportOf(log), proofs(log))).toMatchObject({ result: "passed" });
  });

  it("[XA-20] agrees with the same log, and with one that grew on during the comparison", async () => {
    expect(await comparePin(pin, reportOf(log.slice(0, 23)), proofs(log))).toMatchObject({ result: "passed" });
    const longer = made("entry", 44);
    expect(await comparePin(pin, reportOf(log), proofs(longer))).toMatchObject({ result: "passed" });
  });

  it("[XA-20] finds a log rewritten as a whole, heads and all", async () => {
    const forged = made("forged", 40);
    expect(await comparePin(pin, reportOf(forged), proofs(forged))).toMatchObject({ result: "failed" });
    expect(await comparePin(pin, reportOf(forged.slice(0, 23)), proofs(forged))).toMatchObject({ result: "failed" });
  });

  it("[XA-20] finds a log that is shorter than it was", async () => {
    const answer = await comparePin(pin, reportOf(log.slice(0, 22)), proofs(log));
    expect(answer).toEqual({ result: "failed", detail: "23 entries were verified here before; the log has 22 now" });
  });

  it("[XA-20] never reports a check it could not make as passed", async () => {
    expect(await comparePin(null, reportOf(log), proofs(log))).toMatchObject({ result: "not_checked" });
    const broken = reportOf(log, { firstBad: { seq: 4, code: "log_leaf_mismatch", detail: "" } });
    expect(await comparePin(pin, broken, proofs(log))).toMatchObject({ result: "not_checked" });
    const growing = async (seq: number): Promise<Proof> => proofs(log, seq === 22 ? 39 : 40)(seq);
    expect(await comparePin(pin, reportOf(log), growing)).toMatchObject({ result: "not_checked" });
  });

  it("is read back as written, and damaged or blocked storage reads as nothing remembered", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    expect(writePin("log:a", pin, storage)).toBe(true);
    expect(readPin("log:a", storage)).toEqual(pin);
    expect(readPin("log:b", storage)).toBeNull();
    kept.set("signalbox.verified-head.log:a", "{");
    expect(readPin("log:a", storage)).toBeNull();
    const blocked = {
      getItem: () => {
        throw new Error("blocked");
      },
      setItem: () => {
        throw new Error("blocked");
      },
    };
    expect(readPin("log:a", blocked)).toBeNull();
    expect(writePin("log:a", pin, blocked)).toBe(false);
  });
});
