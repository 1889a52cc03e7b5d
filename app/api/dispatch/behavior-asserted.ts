import { turn } from "../../base/turn.ts";
import type { AssertedNote } from "../../engine/behavior/behavior-state.ts";
import { type Fact, factOfEntry } from "../../engine/fact.ts";
import type { State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import type { BenchProfile } from "../../protocol/behavior/bench-profile.ts";
import { resultProblems } from "../../protocol/behavior/bench-verify.ts";
import { statusRank } from "../../protocol/behavior/result-contradiction.ts";
import { type AssertedResult, MAX_ASSERTED } from "../contract/behavior-asserted.ts";
import { storedEntry } from "./open-token.ts";

type Known = ReturnType<typeof readKnown>;

/** What pinned verifiers of other domains have said, from the entries it stands in, and who is pinned now. */
export async function assertedView(host: Host) {
  const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
  const known = await host.engine.read((state) => readKnown(state, nowS));
  const results: AssertedResult[] = [];
  for (const { subject, note } of known.notes) {
    await turn();
    const entry = await storedEntry(host, note.seq);
    const fact = entry === null ? null : factOfEntry(entry);
    const pin = known.pins.get(note.pin);
    const said = fact?.ok === true ? saidOf(fact.value, subject, known, host) : null;
    if (fact?.ok !== true || said === null || pin === undefined) continue;
    const { jti, iss: by, seq, at } = note;
    const issuedAt = fact.value.claims.iat;
    results.push({ ...{ jti, by, domain: trustDomainOf(by) ?? by, subject, issuedAt, at, seq, said }, pin });
  }
  return { results, verifiers: known.verifiers };
}

function readKnown(state: State, nowS: number) {
  const notes: { readonly subject: string; readonly note: AssertedNote }[] = [];
  for (const [subject, all] of state.behavior.asserted) for (const note of all) notes.push({ subject, note });
  const pins = new Map<string, AssertedResult["pin"]>();
  const verifiers: { subject: string; about: string[]; until: number; seq: number }[] = [];
  for (const { jti, seq, by, trust, ended } of state.trust.values()) {
    if (trust.kind !== "verifier") continue;
    const { subject, about, not_after: until } = trust;
    pins.set(jti, { jti, seq, by, until, endedSeq: ended?.seq ?? null });
    if (ended === null && until > nowS) verifiers.push({ subject, about: [...about], until, seq });
  }
  /** By the digest of a benchmark, an order of it here. */
  const benches = new Map<string, { readonly order: string; readonly profile: BenchProfile }>();
  for (const { jti, claims } of state.benchmarks.values())
    benches.set(claims.hash, { order: jti, profile: structuredClone(claims.profile) });
  return {
    notes: notes.toSorted((a, b) => b.note.seq - a.note.seq).slice(0, MAX_ASSERTED),
    ...{ pins, verifiers, benches },
  };
}

function saidOf(fact: Fact, subject: string, { benches }: Known, { ports }: Host): AssertedResult["said"] | null {
  if (fact.typ === "bench-result+jwt") {
    const { bench, score, runs, environment } = fact.claims;
    const own = benches.get(bench.hash);
    const held =
      own === undefined ? null : { order: own.order, problems: resultProblems(own.profile, fact.claims, ports.sha256) };
    const { bench_id: benchId, version } = bench;
    return { typ: "bench", benchId, version, score, runs: runs.length, environment: { ...environment }, held };
  }
  if (fact.typ !== "ear+jwt") return null;
  // Of several about one agent the worst is told (BEH-9).
  const [found] = Object.values(fact.claims.submods)
    .filter((one) => one["agent.behavior"]?.subject === subject)
    .toSorted((a, b) => statusRank(b["ear.status"]) - statusRank(a["ear.status"]));
  const said = found?.["agent.behavior"];
  if (found === undefined || said === undefined) return null;
  const { verdict, compliance, drift, trust, window, reasons, profile } = said;
  return {
    ...{ typ: "ear", until: fact.claims.exp, status: found["ear.status"], verdict, compliance, drift, trust, window },
    ...{ reasons: reasons.length, profile },
  };
}
