import type { JsonObject } from "../../base/json.ts";
import type { DomainDesk } from "../../host/domains/domain-desk.ts";
import type { DomainHost } from "../../host/domains/domain-hosts.ts";
import { type DomainProfile, profileFrom } from "../../host/domains/domain-profiles.ts";
import { trustIn } from "../../host/domains/peer-trust.ts";
import type { BorderVersionName } from "../../protocol/audit/border-policy.ts";
import { explainHandoff } from "../../protocol/audit/handoff.ts";
import { strictestOf } from "../../protocol/audit/regime.ts";
import type { CrossingPart } from "../../protocol/audit/stitch-claims.ts";
import type { CrossingFinding } from "../../protocol/audit/stitch-crossings.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { CrossingDetail, HeldTokenView } from "../contract/domains.ts";
import { crossingView, type Findings, offsetOf } from "./domain-views.ts";

type Held = { readonly seq: number; readonly digest: string; readonly compact: string };

/** A crossing with everything both sides say of it, held against each other. */
export async function crossingDetail(
  desk: DomainDesk,
  found: CrossingFinding,
  findings: Findings,
): Promise<CrossingDetail> {
  const { from, to, handoff, countersign } = found;
  const receiver = desk.hosts.get(to);
  const tokens = heldTokens(desk, found);
  const claimsOf = (part: CrossingPart): JsonObject | undefined =>
    tokens.find((token) => token.part === part)?.claims as JsonObject | undefined; // claims are JSON, as the contract has them
  const digestOf = (part: CrossingPart): string | null => tokens.find((token) => token.part === part)?.digest ?? null;
  const stitch = { out: found.out?.stitch, in: found.in?.stitch };
  const same = (what: string, sender: string | null, receiving: string | null) => ({
    what,
    sender,
    receiver: receiving,
    agree: sender !== null && sender === receiving,
  });
  const sender = desk.hosts.get(from);
  const [inSender, inReceiver] = await Promise.all([
    receiver === undefined ? [] : trustIn(receiver, [from]),
    sender === undefined ? [] : trustIn(sender, [to]),
  ]);
  const named = { sender: handoff?.claims.border ?? null, receiver: countersign?.claims.border ?? null };
  // As it was judged, whatever is in force since (XDA-74).
  const judging = receiver === undefined ? null : profileAt(receiver, named.receiver);
  const trusted = inSender.flatMap(({ domain, basis }) => (basis === "asserted" ? [] : [domain]));
  const regs =
    found.in === null
      ? handoff?.claims.reg
      : [...(judging === null ? [] : [judging.reg]), ...(handoff?.claims.reg ?? [])];
  const strictest = regs === undefined || regs.length === 0 ? null : strictestOf(regs);
  return {
    crossing: crossingView(found, findings),
    tokens,
    compared: [
      same("Handoff, as each log holds it", digestOf("handoff"), digestOf("handoff_received")),
      same("Handoff, as each audit token names it", stitch.out?.handoff_hash ?? null, stitch.in?.handoff_hash ?? null),
      same("Countersignature, as each log holds it", digestOf("countersign_received"), digestOf("countersign")),
      same("Sending domain", claimsOf("out") === undefined ? null : from, stitch.in?.peer ?? null),
      same("Receiving domain", stitch.out?.peer ?? null, claimsOf("in") === undefined ? null : to),
      {
        what: "Counter (the receiver's is higher)",
        sender: stitch.out === undefined ? null : String(stitch.out.lamport),
        receiver: stitch.in === undefined ? null : String(stitch.in.lamport),
        agree: stitch.out !== undefined && stitch.in !== undefined && stitch.in.lamport > stitch.out.lamport,
      },
      same("Countersigned handoff", handoff?.digest ?? null, countersign?.claims.handoff.hash ?? null),
    ],
    trust: [...inSender, ...inReceiver],
    judged: {
      sender: named.sender === null ? null : { ...named.sender },
      receiver: named.receiver === null ? null : { ...named.receiver },
    },
    steps:
      handoff === null || judging === null
        ? []
        : (await explainHandoff({ claims: handoff.claims }, { ...judging.policy, domain: to, trusted })).map(
            ({ step, check, result, code, detail }) => ({
              ...{ step, check, result },
              ...(code === undefined ? {} : { code }),
              ...(detail === undefined ? {} : { detail }),
            }),
          ),
    offset: receiver === undefined || desk.hosts.get(from) === undefined ? null : offsetOf(desk, from, to),
    retention:
      strictest === null
        ? null
        : {
            minS: strictest.retentionMinS,
            maxS: strictest.retentionMaxS,
            conflict: strictest.conflict?.detail ?? null,
          },
  };
}

/**
 * What a domain was under when it named this version: the one that came with it where none is named, as before there were
 * any. Null where this console does not know the version: it says nothing of how that judges.
 */
function profileAt({ border }: DomainHost, name: BorderVersionName | null): DomainProfile | null {
  const [first, ...others] = border.history().versions;
  if (name === null) return profileFrom(first.policy);
  const found = [first, ...others].find(({ version, hash }) => version === name.version && hash === name.hash);
  return found === undefined ? null : profileFrom(found.policy);
}

/** The tokens of a crossing as the two logs have them. */
function heldTokens(desk: DomainDesk, { stitchId, from, to }: CrossingFinding): HeldTokenView[] {
  const sent = desk.hosts.get(from)?.ledger.crossing(stitchId);
  const taken = desk.hosts.get(to)?.ledger.crossing(stitchId);
  const parts: readonly (readonly [CrossingPart, string, Held | undefined])[] = [
    ["out", from, sent?.border],
    ["handoff", from, sent?.handoff],
    ["countersign_received", from, sent?.countersign],
    ["handoff_received", to, taken?.handoff],
    ["countersign", to, taken?.countersign],
    ["in", to, taken?.border],
  ];
  return parts.flatMap(([part, domain, held]) => {
    const parsed = held === undefined ? null : parseCompact(held.compact);
    return held === undefined || parsed?.ok !== true
      ? []
      : [
          {
            ...{ part, domain, seq: held.seq, digest: held.digest, token: held.compact },
            claims: parsed.value.payload as HeldTokenView["claims"], // a payload was parsed from JSON
          },
        ];
  });
}
