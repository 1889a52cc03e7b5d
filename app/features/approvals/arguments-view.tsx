import { useMemo } from "react";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Section } from "../../ui/section.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { type ArgumentsFold, type ShownPiece, shownArguments } from "./arguments-text.ts";
import { CheckLine } from "./checks-list.tsx";
import type { SigningCheck } from "./clear-signing.ts";

export interface ArgumentsViewProps {
  readonly canonicalArgs: string;
  readonly argsHash: string;
  readonly fold: ArgumentsFold;
  readonly checks: readonly SigningCheck[] | null;
  /** Others were approved in their place. */
  readonly isReplaced: boolean;
  onFold(fold: ArgumentsFold): void;
}

/** The exact arguments that will run, drawn by this page from their canonical text, with what was recomputed of them. */
export function ArgumentsView({ canonicalArgs, argsHash, fold, checks, isReplaced, onFold }: ArgumentsViewProps) {
  const { pieces, characters, charactersShown } = useMemo(
    () => shownArguments(canonicalArgs, fold),
    [canonicalArgs, fold],
  );
  const hidden = characters - charactersShown;
  return (
    <Section
      title="Arguments"
      aside={
        <Segmented
          label="Form of the arguments"
          options={[
            { id: "indented", name: "Indented" },
            { id: "exact", name: "Exact text" },
          ]}
          selected={fold.form}
          onChange={(form) => onFold({ ...fold, form })}
          className="h-6!"
        />
      }
    >
      {isReplaced ? <p className="mb-1 text-notice">As they were asked for. Less was approved; see below.</p> : null}
      <pre
        dir="ltr"
        className="max-h-[50vh] overflow-auto border border-line bg-sunken p-2 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {pieces.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text have no other identity
          <Piece key={index} piece={piece} />
        ))}
      </pre>
      {hidden === 0 ? null : (
        <Button size="sm" onPress={() => onFold({ ...fold, whole: true })} isDisabled={fold.whole} className="mt-1">
          {fold.whole ? "Too long to show: " : "Show everything: "}
          {formatCount(hidden)} characters are folded away
        </Button>
      )}
      <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs text-muted">
        <span>
          SHA-256 <Identifier value={argsHash} label="arguments digest" />
        </span>
        {checks === null ? (
          <span>recomputing …</span>
        ) : (
          checks
            .filter((check) => check.id.startsWith("args_"))
            .map((check) => <CheckLine key={check.id} check={check} />)
        )}
      </div>
    </Section>
  );
}

function Piece({ piece }: { readonly piece: ShownPiece }) {
  const folded =
    piece.hidden === 0 ? null : (
      <span data-text="" className="rounded-sm bg-notice-soft px-1 font-sans text-notice">
        … {formatCount(piece.hidden)} more characters
      </span>
    );
  if (piece.kind === "rest")
    return (
      <>
        {piece.text}
        {folded}
      </>
    );
  return (
    <>
      <UntrustedText text={piece.text} maxCharacters={piece.text.length + 1} mono />
      {folded}
    </>
  );
}
