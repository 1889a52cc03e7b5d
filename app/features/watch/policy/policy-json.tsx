import type { Result } from "../../../base/result.ts";
import type { DraftProblem } from "../../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { DocumentField } from "../../../ui/document-field.tsx";

export interface PolicyJsonProps {
  readonly text: string;
  readonly checked: Result<AcpClaims, readonly DraftProblem[]>;
  onChange(text: string): void;
}

/** The token's claims as they will be signed; the same checks as the enforcement point's, while typing. */
export function PolicyJson({ text, checked, onChange }: PolicyJsonProps) {
  return (
    <DocumentField
      label="Claims of the acp+jwt"
      text={text}
      onChange={onChange}
      problems={checked.ok ? [] : checked.error}
      description="iat and exp are moved to the moment you sign; the lifetime stays."
    />
  );
}
