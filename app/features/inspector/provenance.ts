/**
 * Where a meaning comes from, as docs/spec/README.md section 1 marks it; the name of a neighbouring specification stands for
 * [neighbour X].
 */
export type Provenance =
  | "draft"
  | "draft:log"
  | "draft:kin"
  | "ours"
  | "RFC 7515"
  | "RFC 7519"
  | "RFC 8693"
  | "WIMSE"
  | "EAR";

const WORDS: Readonly<Record<Provenance, string>> = {
  draft: "stated in the text of an Internet-Draft, which has no IETF standing",
  "draft:log": "known from the revision log of an Internet-Draft; its sentence was not seen",
  "draft:kin": "stated in an earlier document of the same author",
  ours: "made by this project; no text of the IETF or of a draft",
  "RFC 7515": "stated in RFC 7515, JSON Web Signature",
  "RFC 7519": "stated in RFC 7519, JSON Web Token",
  "RFC 8693": "stated in RFC 8693, OAuth token exchange",
  EAR: "stated in the RATS draft on attestation results (EAR)",
  WIMSE: "stated in a WIMSE draft for workload credentials",
};

/** The mark in words. What is ours is never called anything else (README section 1). */
export const provenanceWords = (mark: Provenance): string => WORDS[mark];
