import { useCallback, useEffect, useRef } from "react";
import type { ShownProblem } from "../api/client/problem.ts";
import { toast } from "../ui/toast.tsx";
import { visibleText } from "../ui/visible-text.ts";

/** Tells why something signed was not taken, where the dialog that would have said so has gone meanwhile (S7). */
export function useToldAnyway(): (what: string, problem: ShownProblem) => void {
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  return useCallback((what, { title, detail }) => {
    if (!isGone.current) return;
    const why = visibleText(`${title}. ${detail}`).slice(0, 300);
    toast({ title: `Refused, or not answered: ${what}`, detail: why, tone: "critical" });
  }, []);
}
