import { useMinute } from "../../ui/clock.ts";
import { Ago } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import type { AgentProof } from "./use-self-test.ts";

/** Whether an agent is proven, and since when: what failed, was left open or is overdue is never shown as proven. */
export function ProofMark({ proof }: { readonly proof: AgentProof }) {
  const nowMs = useMinute();
  const { last, overdue, dueAt, running } = proof;
  if (running !== null) return <Mark shape="ring" tone="notice" label="being tested" />;
  if (last === null) return <Mark shape="triangle" tone="warning" label="never tested" />;
  const when = <Ago sinceMs={last.at * 1000} />;
  if (last.result !== "passed")
    return (
      <>
        <Mark
          shape={last.result === "failed" ? "cross" : "half"}
          tone={last.result === "failed" ? "critical" : "warning"}
          label={last.result}
        />{" "}
        {when}
      </>
    );
  const isOver = overdue || (dueAt !== null && dueAt * 1000 <= nowMs);
  return (
    <>
      <Mark
        shape={isOver ? "triangle" : "dot"}
        tone={isOver ? "warning" : "good"}
        label={isOver ? "overdue, proven" : "proven"}
      />{" "}
      {when}
    </>
  );
}
