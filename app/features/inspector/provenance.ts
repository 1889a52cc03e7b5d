/**
 * Where a meaning comes from, as docs/spec/README.md section 1 marks it; the name of a neighbouring specification stands for
 * [neighbour X].
 */
export type Provenance = "draft" | "draft:log" | "draft:kin" | "ours" | "RFC 7515" | "RFC 7519" | "RFC 8693" | "WIMSE";

/** The mark in words. What is ours is never called anything else (README section 1). */
export function provenanceWords(mark: Provenance): string {
  switch (mark) {
    case "draft":
      return "stated in the text of an Internet-Draft, which has no IETF standing";
    case "draft:log":
      return "known from the revision log of an Internet-Draft; its sentence was not seen";
    case "draft:kin":
      return "stated in an earlier document of the same author";
    case "ours":
      return "made by this project; no text of the IETF or of a draft";
    case "WIMSE":
      return "stated in a WIMSE draft for workload credentials";
    default:
      return `stated in ${mark}`;
  }
}
