import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";

/** A result that another domain has sent, given to the log as it is: it says by its signature whose it is. */
export function BringForm() {
  const { client, orpc } = useApi();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [taken, setTaken] = useState<number | null>(null);
  const [isBusy, setBusy] = useState(false);
  const bring = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    setTaken(null);
    try {
      const { seq } = await client.behavior.submitEvidence({ token: token.trim() });
      setTaken(seq);
      setToken("");
      await queries.invalidateQueries({ queryKey: orpc.behavior.asserted.key() });
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <form
      aria-label="Bring a result"
      className="max-w-2xl space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== "" && !isBusy) void bring();
      }}
    >
      <TextField
        label="A result of another domain (ear+jwt or bench-result+jwt)"
        value={token}
        onChange={setToken}
        multiline
        mono
        rows={3}
        description="As its verifier has signed it, for this log. It is checked against the verifiers that are pinned here."
      />
      {problem === null ? null : <ProblemNote problem={problem} />}
      <div className="flex items-center gap-3">
        <Button type="submit" writes isDisabled={token.trim() === "" || isBusy}>
          {isBusy ? "Checking …" : "Check and keep it"}
        </Button>
        <span role="status">{taken === null ? "" : `Kept in entry ${formatCount(taken)}.`}</span>
      </div>
    </form>
  );
}
