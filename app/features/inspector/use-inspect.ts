import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useStore } from "zustand";
import { useApi } from "../../api/client/api-context.tsx";
import type { InspectInput } from "../../api/contract/inspect.ts";
import { foreignOf } from "../../protocol/transparency/foreign.ts";
import type { InspectorSearch } from "./inspector-search.ts";
import { pasted } from "./pasted.ts";

/** Which token is looked at: the one the link names, or else the one that was pasted; null for none. */
export type Subject =
  | { readonly kind: "entry"; readonly seq: number }
  | { readonly kind: "jti"; readonly jti: string }
  | { readonly kind: "pasted"; readonly token: string };

export function subjectOf({ entry, jti }: InspectorSearch, text: string): Subject | null {
  if (entry !== undefined) return { kind: "entry", seq: entry };
  if (jti !== undefined && jti !== "") return { kind: "jti", jti };
  return text === "" ? null : { kind: "pasted", token: text };
}

/** The host's answer about the token in view. It is asked again when somebody says so, not whenever the log grows. */
export function useInspect(search: InspectorSearch) {
  const { client } = useApi();
  const { text, tooLong } = useStore(pasted);
  const subject = subjectOf(search, text);
  const isPasted = subject?.kind === "pasted";
  const foreign = useMemo(() => (isPasted ? foreignOf(text) : null), [isPasted, text]);
  /** A proof that is no token is looked at on this page alone; a receipt is both. */
  const isToken = foreign === null || foreign.kind === "receipt";
  const query = useQuery({
    // Not the contract's own key: every notice of the log would look at the token again.
    queryKey: ["inspect", subject, search.at ?? null],
    queryFn: ({ signal }) => client.audit.inspect(inputOf(subject, search.at), { signal }),
    enabled: subject !== null && isToken,
    staleTime: 2_000,
    gcTime: 60_000,
    retry: false,
  });
  return { subject, foreign, isToken, query, tooLong: subject === null ? tooLong : null };
}

function inputOf(subject: Subject | null, asked: InspectorSearch["at"]): InspectInput {
  const at = asked === "now" ? Math.floor(Date.now() / 1000) : asked;
  const when = at === undefined ? {} : { at };
  if (subject?.kind === "entry") return { seq: subject.seq, ...when };
  if (subject?.kind === "jti") return { jti: subject.jti, ...when };
  return { token: subject?.token ?? "", ...when };
}
