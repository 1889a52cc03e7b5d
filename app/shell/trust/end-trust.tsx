import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../api/client/problem.ts";
import { useStateTrust } from "../../operator/use-trust.ts";
import { Button } from "../../ui/button.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";

export interface EndTrustProps {
  readonly jti: string;
  readonly words: string;
  onDone(): void;
}

/** What stops verifying is in view before it is signed. */
export function EndTrust({ jti, words, onDone }: EndTrustProps) {
  const { orpc } = useApi();
  const queries = useQueryClient();
  const state = useStateTrust();
  const reach = useQuery(orpc.identity.trustReach.queryOptions({ input: { jti } }));
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const sign = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await state({ ends: jti }, reason.trim());
      await queries.invalidateQueries({ queryKey: orpc.identity.key() });
      onDone();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <form
      className="space-y-3 border border-strong p-3"
      aria-label={`End: ${words}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "" && reach.data !== undefined && !isBusy) void sign();
      }}
    >
      {reach.isError ? (
        <ProblemNote problem={problemOf(reach.error)} onRetry={() => void reach.refetch()} />
      ) : reach.data === undefined ? (
        <Loading what="what would stop verifying" />
      ) : reach.data.identities.length === 0 ? (
        <p>No identity known here verifies by this alone.</p>
      ) : (
        <div>
          <p>From now on, nothing new that these identities sign can be checked by it:</p>
          <ul className="list-disc pl-5">
            {reach.data.identities.map((id) => (
              <li key={id}>
                <UntrustedText text={id} maxCharacters={400} mono />
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="text-muted">What is in the log already goes on verifying.</p>
      <TextField label="Why (recorded)" value={reason} onChange={setReason} maxLength={500} isRequired />
      {problem === null ? null : <ProblemNote problem={problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onPress={onDone}>
          Leave it in force
        </Button>
        <Button variant="primary" type="submit" isDisabled={reason.trim() === "" || reach.data === undefined || isBusy}>
          {isBusy ? "Signing …" : "Sign the end"}
        </Button>
      </div>
    </form>
  );
}
