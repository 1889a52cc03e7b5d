import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { GateDetail } from "../gate-detail.ts";
import { sha256Text } from "../shown-view.ts";
import { type Less, type LessDraft, lessText, readLess } from "./less.ts";

export interface LessForm {
  readonly text: string;
  onText(text: string): void;
  readonly draft: LessDraft;
  /** What would be signed, once its digest is there; null until then. */
  readonly less: Less | null;
}

/** What is approved in place of what was asked for, while it is written. It is kept while the request is open. */
export function useLess({ canonicalArgs }: GateDetail): LessForm {
  const first = useMemo(() => lessText(canonicalArgs), [canonicalArgs]);
  const [written, setWritten] = useState<string | null>(null);
  const text = written ?? first;
  const draft = useMemo(() => readLess(canonicalArgs, text), [canonicalArgs, text]);
  const changed = draft.kind === "less" ? draft.canonicalArgs : null;
  const digest = useQuery({
    queryKey: ["text-digest", "less", changed],
    queryFn: () => sha256Text(changed ?? ""),
    enabled: changed !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const argsHash = digest.data;
  const less = useMemo(
    () => (draft.kind !== "less" || argsHash === undefined ? null : { ...lessOf(draft), argsHash }),
    [draft, argsHash],
  );
  return { text, onText: setWritten, draft, less };
}

const lessOf = ({ args, canonicalArgs }: Extract<LessDraft, { kind: "less" }>) => ({ args, canonicalArgs });
