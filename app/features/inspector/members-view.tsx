import type { Inspected } from "../../api/contract/inspect.ts";
import { formatCount } from "../../ui/duration.ts";
import { formatInstant } from "../../ui/instant.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { isTime } from "./as-of.ts";
import type { Meaning } from "./meaning.ts";
import { type Member, openMembers } from "./members.ts";
import type { Provenance } from "./provenance.ts";
import { ProvenanceLegend, ProvenanceMark } from "./provenance-mark.tsx";

export interface MembersViewProps {
  readonly title: string;
  readonly object: Inspected["claims"];
  meaningOf(path: string): Meaning | null;
}

/** Members as they were signed, whoever wrote them: plain, bounded, each with its meaning and where that comes from. */
export function MembersView({ title, object, meaningOf }: MembersViewProps) {
  const { members, more, rest } = openMembers(object);
  const marks = members.flatMap(({ path }): Provenance[] => {
    const meaning = meaningOf(path);
    return meaning === null ? [] : [meaning.mark];
  });
  return (
    <Section level={2} title={title}>
      {members.length === 0 ? (
        <p className="text-muted">Nothing could be read.</p>
      ) : (
        <dl className="grid grid-cols-1 gap-x-4 md:grid-cols-[minmax(7rem,max-content)_minmax(0,1fr)]">
          {members.map((member) => (
            <MemberRow key={member.path} member={member} meaning={meaningOf(member.path)} />
          ))}
        </dl>
      )}
      {more === 0 ? null : (
        <div className="mt-1">
          <p className="text-muted">and {formatCount(more)} more members:</p>
          <UntrustedText text={rest} multiline maxCharacters={600} mono />
        </div>
      )}
      <ProvenanceLegend marks={marks} />
    </Section>
  );
}

/** Lines that may be more than there is room for: whoever has no mouse must be able to scroll them. */
const isLong = (text: string): boolean => text.split("\n").length > 16;
const SCROLLED = { tabIndex: 0, role: "region", "aria-label": "A long value" } as const;

function MemberRow({ member, meaning }: { readonly member: Member; readonly meaning: Meaning | null }) {
  const { name, depth, text, value } = member;
  return (
    <>
      <dt
        className={`mt-1 font-mono text-xs font-medium [overflow-wrap:anywhere] md:max-w-48 ${depth === 0 ? "" : "pl-4"}`}
      >
        <UntrustedText text={name} maxCharacters={80} />
      </dt>
      <dd className={`mt-1 min-w-0 max-md:pl-4 ${depth === 0 ? "" : "max-md:pl-8"}`}>
        {text === null ? null : (
          <div className="max-h-96 overflow-y-auto" {...(isLong(text) ? SCROLLED : {})}>
            <UntrustedText text={text} multiline maxCharacters={600} mono />
            {isTimeName(name) && isTime(value) ? (
              <span className="text-muted"> {formatInstant(value * 1000)}</span>
            ) : null}
          </div>
        )}
        <p className="text-xs text-muted">
          {meaning === null ? (
            depth === 0 ? (
              "not known here; ignored"
            ) : null
          ) : (
            <>
              {meaning.text} <ProvenanceMark mark={meaning.mark} />
            </>
          )}
        </p>
      </dd>
    </>
  );
}

const isTimeName = (name: string): boolean =>
  /^(iat|exp|nbf|at|auth_time|shown_at|received_at|effect_until|first_violation_at)$/.test(name);
