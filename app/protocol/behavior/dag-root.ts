import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { drained, STEP } from "../../base/steps.ts";
import { appendLeaves, frontierRoot, leafHash } from "../merkle/tree.ts";

/**
 * `dag_root` of a BET: RFC 9162 root over the ids of the tasks observed, each once, sorted ascending, leaf input the id in
 * ASCII. Two observers that saw the same tasks have the same root, in whatever order they saw them.
 */
export const dagRoot = (jtis: Iterable<string>, sha256: Sha256): string => drained(dagRootSteps(jtis, sha256));

/** The same in steps, each about some of them. */
export function* dagRootSteps(jtis: Iterable<string>, sha256: Sha256): Generator<void, string> {
  // By code unit, which for ids is by byte: never by a locale.
  const sorted = [...new Set(jtis)].sort();
  let frontier: readonly Uint8Array[] = [];
  for (let at = 0; at < sorted.length; at += STEP) {
    yield;
    const leaves = sorted.slice(at, at + STEP).map((jti) => leafHash(utf8(jti), sha256));
    frontier = appendLeaves(frontier, at, leaves, sha256);
  }
  return toBase64url(frontierRoot(frontier, sorted.length, sha256));
}
