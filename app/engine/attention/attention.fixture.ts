import type { Fact } from "../fact.ts";
import { type Account, createAccount } from "./account.ts";

/** A time, epoch seconds, at the beginning of an hour. */
export const START = 1_772_064_000;
export const WID = "0195400c-0000-7000-8000-00000000000a";
const POLICY = "0195400c-0000-7000-8000-0000000000e1";
export const person = (name: string): string => `spiffe://console.local/human/${name}`;
export const agentNamed = (name: string): string => `spiffe://console.local/agent/${WID}/${name}`;

interface Asked {
  readonly at: number;
  readonly agent?: string;
  readonly action?: string;
  readonly rules?: readonly string[];
  readonly consequence?: "none" | "reversible" | "irreversible";
  readonly role?: string;
  readonly words?: string;
}

interface Answer {
  readonly request: string;
  readonly at: number;
  readonly by: string;
  readonly outcome?: string;
  /** Seconds it was looked at; null where the decision does not say. */
  readonly lookS?: number | null;
  readonly view?: string;
}

/** A log as attention reads it, written by hand: only the claims that it looks at. */
export function writtenLog() {
  const account: Account = createAccount();
  let seq = 0;
  const put = (at: number, typ: string, claims: object): number => {
    const fact = { typ, claims } as unknown as Fact; // only the members that attention reads
    account.take({ seq, receivedAt: at, digest: "", fact });
    seq += 1;
    return seq - 1;
  };
  return {
    account,
    size: () => seq,
    policy: (at: number, pausing: readonly string[], escalation: readonly string[] = []) =>
      put(at, "acp+jwt", {
        iss: person("alice"),
        jti: POLICY,
        hitl: {
          rules: pausing.map((id) => ({ id, action: "pause" })),
          escalation: escalation.map((role) => ({ role, after_s: 60 })),
        },
      }),
    request: ({
      at,
      agent = "executor",
      action = "copy",
      rules = ["r1"],
      words = "I copy.",
      ...more
    }: Asked): string => {
      const jti = `request-${seq}`;
      put(at, "hitl-request+jwt", {
        iss: agentNamed(agent),
        jti,
        wid: WID,
        task: { jti: `task-${seq}`, exec_act: action },
        acp: { jti: POLICY },
        rule_ids: rules,
        role: more.role ?? "operator",
        consequence: more.consequence ?? "reversible",
        explanation: { summary: words, alternatives: [] },
      });
      return jti;
    },
    answer: ({ request, at, by, outcome = "approve", lookS = 20, view }: Answer) =>
      put(at, "hitl-decision+jwt", {
        iss: by,
        iat: at,
        request: { jti: request },
        outcome,
        ...(lookS === null ? {} : { view: { hash: view ?? `view-${seq}`, shown_at: at - lookS } }),
      }),
    record: (at: number, kind: string, data: object = {}, wid: string = WID) =>
      put(at, "record+jwt", { iss: "spiffe://console.local/pep", kind, wid, cause: {}, data }),
    violated: (at: number, target: string) =>
      put(at, "override-compliance+jwt", { iss: "spiffe://console.local/pep", verdict: "violated", target }),
    roles: (at: number, sub: string, roles: readonly string[], exp = at + 1e6) =>
      put(at, "role-statement+jwt", { iss: person("alice"), sub, roles, exp }),
    lease: (at: number, agent: string, jti: string, durationS: number) =>
      put(at, "lease+jwt", { iss: person("alice"), jti, agent: agentNamed(agent), wid: WID, duration_s: durationS }),
    put,
    now: (nowS: number) => account.upTo(seq, nowS),
  };
}
export type WrittenLog = ReturnType<typeof writtenLog>;
