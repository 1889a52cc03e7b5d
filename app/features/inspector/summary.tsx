import type { Inspected } from "../../api/contract/inspect.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { asOfWords, isTime } from "./as-of.ts";
import { ProvenanceMark } from "./provenance-mark.tsx";
import { outcomeOf } from "./step-words.ts";
import { kindOf, type SpecifiedKind, specifiedKindOf } from "./token-kinds.ts";

/** What it is, whether it holds and where it stands. */
export function Summary({ seen }: { readonly seen: Inspected }) {
  const specified = seen.isKnown ? null : specifiedKindOf(seen.typ);
  const failed = seen.steps.find((step) => step.result === "failed");
  const isUnchecked = specified !== null && failed?.code === "token_wrong_type";
  const outcome = isUnchecked ? NO_CHECK_YET : outcomeOf(seen.steps);
  const kind = kindOf(seen.typ);
  return (
    <div className="flex flex-col gap-3">
      <div role="status" className="border-l-4 border-strong pl-3 [&>span]:whitespace-normal">
        <Mark {...outcome} />
        <p className="text-muted">
          {asOfWords(seen)}
          {failed?.code === undefined ? null : (
            <>
              {" · "}
              <span className="font-mono text-xs text-ink">{failed.code}</span>
            </>
          )}
        </p>
        {failed?.detail === undefined ? null : (
          <p>
            <UntrustedText text={failed.detail} />
          </p>
        )}
      </div>
      <Facts
        items={[
          {
            term: "What it is",
            value:
              kind === null ? (
                <UnknownKind typ={seen.typ} specified={specified} />
              ) : (
                <>
                  <strong className="font-semibold">{kind.name}</strong> <ProvenanceMark mark={kind.mark} />
                </>
              ),
            ...(kind !== null
              ? { hint: kind.says }
              : specified !== null
                ? { hint: `It would be refused here (COM-5). Its shape is in docs/spec/${specified.part}.md.` }
                : {}),
          },
          {
            term: "Where",
            value:
              seen.entry === null ? (
                "not in this log; looked at under the keys that are enrolled here"
              ) : (
                <>
                  <GoLink to="/timeline" search={{ entry: seen.entry.seq }}>
                    entry {formatCount(seen.entry.seq)}
                  </GoLink>{" "}
                  of this log, received <Instant epochMs={seen.entry.receivedAt * 1000} full />
                </>
              ),
          },
          { term: "Key", value: <KeyWords seen={seen} /> },
          { term: "Token digest", value: <Identifier value={seen.digest} label="token digest" whole /> },
        ]}
      />
    </div>
  );
}

/** Not the same as refused for what it says: there is nothing here yet that could find it right. */
const NO_CHECK_YET = {
  shape: "half",
  tone: "notice",
  label: "Not verified: this console does not verify tokens of this type yet",
} as const;

function UnknownKind({ typ, specified }: { readonly typ: string | null; readonly specified: SpecifiedKind | null }) {
  if (typ === null) return "no token that can be read";
  if (specified !== null)
    return (
      <>
        <strong className="font-semibold">{specified.name}</strong>, a type that the specification names (
        <UntrustedText text={typ} maxCharacters={80} mono />) and this console does not verify yet{" "}
        <ProvenanceMark mark="ours" />
      </>
    );
  return (
    <>
      <UntrustedText text={typ} maxCharacters={80} mono /> is no type that is known here, and none that the
      specification names
    </>
  );
}

function KeyWords({ seen: { key, header, ownIds } }: { readonly seen: Inspected }) {
  if (key === null) {
    if (typeof header.kid !== "string") return "its header names none";
    return (
      <>
        <UntrustedText text={header.kid} maxCharacters={80} mono /> is not enrolled here
      </>
    );
  }
  const isOwn = ownIds.includes(key.subject);
  return (
    <>
      <Identifier value={key.kid} label="key id" /> of <UntrustedText text={key.subject} mono maxCharacters={200} />
      {isOwn ? " (this console itself)" : null}
      {key.until !== null && isTime(key.until) ? (
        <span className="text-muted">
          , taken until <Instant epochMs={key.until * 1000} full />
        </span>
      ) : null}
    </>
  );
}
