import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { leafHash, rootOf } from "../merkle/tree.ts";

/**
 * `dag_root` of a BET: RFC 9162 root over the ids of the tasks observed, each once, sorted ascending, leaf input the id in
 * ASCII. Two observers that saw the same tasks have the same root, in whatever order they saw them.
 */
export function dagRoot(jtis: Iterable<string>, sha256: Sha256): string {
  // By code unit, which for ids is by byte: never by a locale.
  const sorted = [...new Set(jtis)].sort();
  return toBase64url(
    rootOf(
      sorted.map((jti) => leafHash(utf8(jti), sha256)),
      sha256,
    ),
  );
}
