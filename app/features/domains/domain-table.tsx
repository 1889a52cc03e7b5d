import type { ClockOffsetView, DomainView } from "../../api/contract/domains.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../ui/table.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { offsetWords, retentionWords } from "./domain-words.ts";
import { GatewayUntil, TrustMark } from "./peer-trust.tsx";

const LINK = "inline-flex min-h-6 items-center text-accent underline underline-offset-2 hover:decoration-2";

/** Each domain with its log, its head, its regime and what it takes from others. */
export function DomainTable({ domains, nowMs }: { readonly domains: readonly DomainView[]; readonly nowMs: number }) {
  return (
    <Section title="Domains" level={2}>
      <p className="mb-2 max-w-prose text-muted">
        Each domain has a log, keys, a policy and a regime of its own. Those beside the console&apos;s own run in this
        console too: they keep an audit token for each task of their agents, and nothing of a workflow goes on in one
        before its gateway has countersigned what it rests on.
      </p>
      <Table
        label="Domains of this console"
        columns={["Domain", "Log", "Signed head", "Regime", "Takes from others", "Gateway key"]}
      >
        {domains.map((domain) => (
          <DomainRow key={domain.domain} domain={domain} nowMs={nowMs} />
        ))}
      </Table>
    </Section>
  );
}

function DomainRow({ domain, nowMs }: { readonly domain: DomainView; readonly nowMs: number }) {
  const { reg, policy, sth } = domain;
  return (
    <Row>
      <HeadCell isMono>
        {visibleText(domain.domain)}
        <div className="font-sans text-muted">
          {domain.kind === "console" ? "this console: workflows run here" : "keeps its agents' trails"}
        </div>
      </HeadCell>
      <Cell isWide>
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
      </Cell>
      <Cell isWide>
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
      </Cell>
      <Cell isWide>
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
      </Cell>
      <Cell isWide>
        {policy === null ? (
          "nothing"
        ) : (
          <>
            level {policy.minLevel} or higher · {policy.dataClasses.join(", ")}
            <div className="text-xs text-muted">hands on {policy.pairwise ? "names of the pair" : "its own ids"}</div>
            {policy.trusted.length === 0 ? <div className="text-xs text-muted">from nobody</div> : null}
            {policy.trusted.map((trust) => (
              <div key={trust.domain} className="text-xs">
                {visibleText(trust.domain)}: <TrustMark trust={trust} />
              </div>
            ))}
          </>
        )}
      </Cell>
      <Cell isWide>
        {domain.gatewayKid === null ? "not known" : <Identifier value={domain.gatewayKid} label="key id" />}
        {domain.gatewayUntil === null ? null : <GatewayUntil untilS={domain.gatewayUntil} nowMs={nowMs} />}
      </Cell>
    </Row>
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
      <Table
        label="Offset of the domains' clocks"
        columns={["Clock of", "against that of", "Ahead by", { name: "Messages", isNumber: true }]}
      >
        {offsets.map((offset) => (
          <Row key={`${offset.a} ${offset.b}`}>
            <Cell isMono>{visibleText(offset.b)}</Cell>
            <Cell isMono>{visibleText(offset.a)}</Cell>
            <Cell isWide>
              {offset.apart ? (
                <Mark shape="triangle" tone="warning" label={offsetWords(offset)} />
              ) : (
                offsetWords(offset)
              )}
              {offset.apart ? <div className="text-xs text-muted">times of the two tell no order</div> : null}
            </Cell>
            <NumberCell>{formatCount(offset.messages)}</NumberCell>
          </Row>
        ))}
      </Table>
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
