import fc from "fast-check";
import { expect, it } from "vitest";
import { fromBase64url, toBase64url, utf8 } from "../../base/bytes.ts";
import { cachedRangeRoot, EMPTY_ROOT, inclusionPath, leafHash } from "../merkle/tree.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { id, sha256 } from "./behavior.fixture.ts";
import { dagRoot } from "./dag-root.ts";

it("[BEH-3] roots no task in the empty tree, and one in the hash of its id", () => {
  expect(dagRoot([], sha256)).toBe(toBase64url(EMPTY_ROOT));
  expect(dagRoot([id(1)], sha256)).toBe(toBase64url(sha256(utf8(`\0${id(1)}`))));
});

it("[BEH-3] gives observers of the same tasks the same root, and of other tasks another", () => {
  const ids = fc.uniqueArray(fc.nat(0xffff).map(id), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(ids, (jtis) => {
      const root = dagRoot(jtis, sha256);
      expect(dagRoot([...jtis.toReversed(), ...jtis], sha256)).toBe(root);
      expect(dagRoot(jtis.slice(1), sha256)).not.toBe(root);
    }),
    { numRuns: 50 },
  );
});

it("[BEH-3] lets anyone prove that a task is covered", () => {
  const jtis = Array.from({ length: 13 }, (_, at) => id(at * 7));
  const leaves = jtis.toSorted().map((jti) => leafHash(utf8(jti), sha256));
  const root = fromBase64url(dagRoot(jtis, sha256)) ?? new Uint8Array();
  const path = inclusionPath(5, leaves.length, cachedRangeRoot(leaves, sha256));
  const leaf = leaves[5] ?? new Uint8Array();
  expect(verifyInclusion({ index: 5, size: leaves.length, leaf, path, root }, sha256)).toBe(true);
  expect(verifyInclusion({ index: 6, size: leaves.length, leaf, path, root }, sha256)).toBe(false);
});
