import type { ClockOffsetView, DomainView } from "../../api/contract/domains.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { offsetWords, retentionWords } from "./domain-words.ts";

const CELL = "border-t border-line px-2 py-1.5 text-left align-top";
const LINK = "inline-flex min-h-6 items-center text-accent underline underline-offset-2 hover:decoration-2";
const HEAD = "px-2 py-1 text-left text-xs font-medium text-muted";

/** Each domain with its log, its head, its regime and what it takes from others. */
export function DomainTable({ domains }: { readonly domains: readonly DomainView[] }) {
  return (
    <Section title="Domains" level={2}>
      <p className="mb-2 max-w-prose text-muted">
        Each domain has a log, keys, a policy and a regime of its own. Those beside the console&apos;s own run in this
        console too: they keep an audit token for each task of their agents, and nothing of a workflow goes on in one
        before its gateway has countersigned what it rests on.
      </p>
      <div className="relative overflow-x-auto">
        <table className="w-full min-w-max border-collapse tabular-nums">
          <caption className="sr-only">Domains of this console</caption>
          <thead>
            <tr>
              <th scope="col" className={HEAD}>
                Domain
              </th>
              <th scope="col" className={HEAD}>
                Log
              </th>
              <th scope="col" className={HEAD}>
                Signed head
              </th>
              <th scope="col" className={HEAD}>
                Regime
              </th>
              <th scope="col" className={HEAD}>
                Takes from others
              </th>
              <th scope="col" className={HEAD}>
                Gateway key
              </th>
            </tr>
          </thead>
          <tbody>
            {domains.map((domain) => (
              <DomainRow key={domain.domain} domain={domain} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function DomainRow({ domain }: { readonly domain: DomainView }) {
  const { reg, policy, sth } = domain;
  return (
    <tr>
      <th scope="row" className={`${CELL} font-mono text-xs font-normal`}>
        {visibleText(domain.domain)}
        <div className="font-sans text-muted">
          {domain.kind === "console" ? "this console: workflows run here" : "keeps its agents' trails"}
        </div>
      </th>
      <td className={CELL}>
        {domain.state === "open" ? null : (
          <Mark
            shape="triangle"
            tone={domain.state === "damaged" ? "critical" : "warning"}
            label={domain.state === "damaged" ? "damaged, nothing more is written" : "cannot be read"}
          />
        )}
        {domain.size === null ? null : (
          <div>
            {formatCount(domain.size)} entries, {formatCount(domain.checked)} checked
          </div>
        )}
        {domain.root === null ? null : (
          <div className="flex items-center gap-2">
            <Identifier value={domain.root} label="root" />
            <GoLink
              to="/timeline"
              search={{ ...(domain.kind === "console" ? {} : { domain: domain.domain }), verify: true }}
              className={LINK}
            >
              Verify
            </GoLink>
          </div>
        )}
        {domain.detail === "" ? null : <div className="max-w-60 text-xs text-muted">{visibleText(domain.detail)}</div>}
      </td>
      <td className={CELL}>
        {sth === null ? (
          "none yet"
        ) : (
          <>
            over {formatCount(sth.size)} entries
            <div className="text-xs text-muted">
              <Instant epochMs={sth.iat * 1000} full />
            </div>
          </>
        )}
      </td>
      <td className={CELL}>
        {reg === null ? (
          "none stated"
        ) : (
          <>
            {visibleText(reg.regime)}, {reg.role.replaceAll("_", " ")}
            <div className="text-xs text-muted">
              {reg.data_classes.join(", ")} · kept {retentionWords(reg.retention_min_s)} to{" "}
              {retentionWords(reg.retention_max_s)} · transfer {reg.transfer}
            </div>
          </>
        )}
      </td>
      <td className={CELL}>
        {policy === null ? (
          "nothing"
        ) : (
          <>
            level {policy.minLevel} or higher · {policy.dataClasses.join(", ")}
            <div className="text-xs text-muted">
              from {policy.trusted.length === 0 ? "nobody" : policy.trusted.map((name) => visibleText(name)).join(", ")}{" "}
              · hands on {policy.pairwise ? "pseudonyms" : "its own ids"}
            </div>
          </>
        )}
      </td>
      <td className={CELL}>
        {domain.gatewayKid === null ? "not known" : <Identifier value={domain.gatewayKid} label="key id" />}
      </td>
    </tr>
  );
}

/** How far the clocks of each two are apart: an interval, and what it means for the order (L7). */
export function OffsetTable({ offsets }: { readonly offsets: readonly ClockOffsetView[] }) {
  if (offsets.length === 0) return null;
  return (
    <Section title="Clocks" level={2}>
      <p className="mb-2 max-w-prose text-muted">
        Every crossing bounds how far two clocks are apart: what travels is late and never early. Trails are ordered by
        cause, never by these clocks.
      </p>
      <div className="relative overflow-x-auto">
        <table className="border-collapse tabular-nums">
          <caption className="sr-only">Offset of the domains&apos; clocks</caption>
          <thead>
            <tr>
              <th scope="col" className={HEAD}>
                Clock of
              </th>
              <th scope="col" className={HEAD}>
                against that of
              </th>
              <th scope="col" className={HEAD}>
                Ahead by
              </th>
              <th scope="col" className={HEAD}>
                Messages
              </th>
            </tr>
          </thead>
          <tbody>
            {offsets.map((offset) => (
              <tr key={`${offset.a} ${offset.b}`}>
                <td className={`${CELL} font-mono text-xs`}>{visibleText(offset.b)}</td>
                <td className={`${CELL} font-mono text-xs`}>{visibleText(offset.a)}</td>
                <td className={CELL}>
                  {offset.apart ? (
                    <Mark shape="triangle" tone="warning" label={offsetWords(offset)} />
                  ) : (
                    offsetWords(offset)
                  )}
                  {offset.apart ? <div className="text-xs text-muted">times of the two tell no order</div> : null}
                </td>
                <td className={CELL}>{formatCount(offset.messages)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** A link to an entry of a domain's log. */
export function EntryOf({ domain, seq }: { readonly domain: string; readonly seq: number }) {
  return (
    <GoLink
      to="/timeline"
      search={{ domain, entry: seq }}
      className="inline-flex min-h-6 items-center text-accent underline underline-offset-2 hover:decoration-2"
    >
      entry {formatCount(seq)}
    </GoLink>
  );
}
