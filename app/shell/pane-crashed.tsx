import type { ErrorComponentProps } from "@tanstack/react-router";
import { problemOf } from "../api/client/problem.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/states.tsx";

/** A view that failed takes nothing else down: navigation, status and the stop go on (S1). */
export function PaneCrashed({ error, reset }: ErrorComponentProps) {
  const problem = problemOf(error);
  return (
    <div className="mx-auto w-full max-w-2xl space-y-3 p-4">
      <ProblemNote
        problem={{
          title: "This view failed",
          detail: problem.detail,
          code: problem.code === "unexpected" ? "view_failed" : problem.code,
          next: problem.next || "The rest of the console works. What was recorded is not affected.",
        }}
        onRetry={reset}
      />
      <Button onPress={() => window.location.reload()}>Reload the page</Button>
    </div>
  );
}
