import { UntrustedText } from "../../ui/untrusted-text.tsx";
import type { EntryDetail } from "./entry-detail.ts";

/** Members of a token as they were signed: plain text, bounded, whoever wrote them. */
export function ClaimsView({ claims }: { readonly claims: EntryDetail["claims"] }) {
  const members = Object.entries(claims);
  if (members.length === 0) return <p className="text-muted">Nothing could be read.</p>;
  return (
    <dl className="grid grid-cols-[minmax(4rem,max-content)_minmax(0,1fr)] gap-x-3 gap-y-0.5 font-mono text-xs">
      {members.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="max-w-32 text-muted [overflow-wrap:anywhere]">
            <UntrustedText text={name} maxCharacters={80} />
          </dt>
          <dd className="min-w-0">
            <UntrustedText text={textOf(value)} multiline maxCharacters={600} mono />
            {isTime(name, value) ? <span className="text-muted"> {new Date(value * 1000).toISOString()}</span> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, typeof value === "object" && value !== null ? 1 : 0);
}

const TIMES: ReadonlySet<string> = new Set(["iat", "exp", "nbf", "auth_time", "at"]);

function isTime(name: string, value: unknown): value is number {
  return TIMES.has(name) && typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value < 8.64e12;
}
