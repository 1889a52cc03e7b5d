import type { Result } from "../../../base/result.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { TextField } from "../../../ui/text-field.tsx";
import type { PolicyProblem } from "./check-policy.ts";

export interface PolicyJsonProps {
  readonly text: string;
  readonly checked: Result<AcpClaims, readonly PolicyProblem[]>;
  onChange(text: string): void;
}

/** The token's claims as they will be signed; the same checks as the enforcement point's, while typing. */
export function PolicyJson({ text, checked, onChange }: PolicyJsonProps) {
  const problems = checked.ok ? [] : checked.error;
  return (
    <TextField
      label="Claims of the acp+jwt"
      value={text}
      onChange={onChange}
      multiline
      mono
      rows={18}
      description="iat and exp are moved to the moment you sign; the lifetime stays."
      errorMessage={
        problems.length === 0
          ? undefined
          : problems
              .slice(0, 4)
              .map((problem) => `${problem.place}: ${problem.message}`)
              .join(" · ")
      }
    />
  );
}
