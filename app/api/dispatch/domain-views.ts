import { must } from "../../base/assert.ts";
import type { FindingState } from "../../engine/crossings/finding-state.ts";
import type { DomainDesk } from "../../host/domains/domain-desk.ts";
import type { DomainHost } from "../../host/domains/domain-hosts.ts";
import { gapId } from "../../host/domains/findings.ts";
import { trustIn } from "../../host/domains/peer-trust.ts";
import type { Host } from "../../host/open-host.ts";
import { type OffsetBounds, surelyApart } from "../../protocol/audit/clock-bounds.ts";
import type { CrossingFinding } from "../../protocol/audit/stitch-crossings.ts";
import type { TrailGap } from "../../protocol/audit/trail.ts";
import { CLOCK_TOLERANCE_MS } from "../../protocol/liveness/clock-offset.ts";
import type { ClockOffsetView, CrossingView, DomainView, GapView, HandlingView } from "../contract/domains.ts";

export type Findings = ReadonlyMap<string, FindingState>;

export async function domainView(
  host: Pick<Host, "engine" | "integrity">,
  own: DomainHost | null,
  all: readonly DomainHost[],
): Promise<DomainView> {
  const { engine } = host;
  const fault = engine.fault();
  const { size, root, gateway } = await engine.read((state, head) => ({
    size: head.size,
    root: head.root,
    gateway: [...state.keys.values()].findLast(({ subject }) => subject === engine.ids.pepId) ?? null,
  }));
  const sth = engine.newestHead();
  const policy = own?.profile.policy;
  return {
    domain: engine.ids.domain,
    kind: own === null ? "console" : "beside",
    reg: own?.profile.reg ?? null,
    policy:
      own === null || policy === undefined
        ? null
        : {
            minLevel: policy.minLevel,
            regimes: [...policy.regimes],
            dataClasses: [...policy.dataClasses],
            trusted: await trustIn(
              own,
              all.filter((one) => one !== own).map(({ domain }) => domain),
            ),
            pairwise: own.profile.disclosure.pairwise,
          },
    state: fault === null ? "open" : "damaged",
    detail: fault?.detail ?? "",
    checked: host.integrity.state().checkedSize,
    size,
    root,
    sth: sth === null ? null : { size: sth.size, iat: sth.iat },
    gatewayKid: gateway?.kid ?? null,
    gatewayUntil: gateway?.exp ?? null,
  };
}

export function offsetOf(desk: DomainDesk | null, a: string, b: string): ClockOffsetView {
  const bounds: OffsetBounds = must(desk, "two domains have a desk").hosts.offset(a, b);
  return { a, b, ...bounds, apart: surelyApart(bounds, CLOCK_TOLERANCE_MS) };
}

function handlingOf(findings: Findings, item: string, code: string): HandlingView {
  const found = findings.get(item);
  const resolved = found?.resolved?.code === code ? found.resolved : null;
  return {
    flagged: found?.flagged ?? null,
    assigned: found?.assigned ?? null,
    resolved:
      resolved === null ? null : { by: resolved.by, reason: resolved.reason, at: resolved.at, seq: resolved.seq },
  };
}

export function crossingView(crossing: CrossingFinding, findings: Findings): CrossingView {
  const { stitchId, wid, from, to, state, code, detail, missing, since } = crossing;
  return {
    ...{ stitchId, wid, from, to, state, code, detail, since },
    missing: [...missing],
    lamport: { out: crossing.out?.stitch.lamport ?? null, in: crossing.in?.stitch.lamport ?? null },
    handling: handlingOf(findings, stitchId, code ?? state),
  };
}

/** A crossing that dangles is listed as a crossing. */
export function gapView(gap: TrailGap, findings: Findings): GapView[] {
  const { domain, missing, reason, seq } = gap;
  if (reason === "crossing_dangling") return [];
  const jti = gap.at?.split(" ")[1];
  const id = gapId(gap);
  return [
    {
      ...{ id, domain, missing, reason },
      at: jti === undefined || seq === undefined ? null : { jti, seq },
      handling: handlingOf(findings, id, reason),
    },
  ];
}
