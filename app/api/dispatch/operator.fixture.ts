import type { ContractRouterClient } from "@orpc/contract";
import { v4 } from "uuid";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import { objectNode } from "../../protocol/ect/object-node.ts";
import { ROLES } from "../../protocol/identity/roles.ts";
import { generateSigner, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import type { Contract } from "../contract/contract.ts";

export type TestClient = ContractRouterClient<Contract>;

const nowS = (): number => Math.floor(Date.now() / 1000);
const digest = async (token: string): Promise<string> =>
  toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(token))));

/** A run of a chain of builds and a deployment at its end, 1 s each. */
export function smallRun(name = "Small run", builds = 3): RecordedRun {
  const task = (id: string, action: string, parents: readonly string[], startMs: number): RunTask => ({
    id,
    name: id,
    action,
    agent: action === "deploy_site" ? "deployer" : "builder",
    parents: parents.map((parent) => ({ id: parent, inferred: false })),
    caller: null,
    startMs,
    durationMs: 1000,
    outcome: "success",
    error: null,
    attempt: 0,
    inputs: [],
    outputs: [`${id}.out`],
    args: { step: id },
    narrative: `I will do ${id}`,
    usage: null,
    attributes: {},
  });
  const chain = Array.from({ length: builds }, (_, at) =>
    task(`build-${at}`, "build_site", at === 0 ? [] : [`build-${at - 1}`], at * 1000),
  );
  return {
    version: 1,
    format: "wfformat",
    formatVersion: "1.5",
    name,
    source: { file: "small.json", origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: (builds + 1) * 1000,
    agents: [
      { id: "builder", name: "Builder", kind: "program" },
      { id: "deployer", name: "Deployer", kind: "program" },
    ],
    tasks: [...chain, task("deploy", "deploy_site", [`build-${builds - 1}`], builds * 1000)],
    counts: {},
    warnings: [],
  };
}

/** Of each log asked through a client here, the first operator: its safety officer. */
const officers = new WeakMap<object, { readonly subject: string; readonly signer: Signer }>();

/** Says as a safety officer what somebody may do. */
export async function stateRoles(
  client: TestClient,
  officer: { readonly subject: string; readonly signer: Signer },
  sub: string,
  roles: readonly string[],
  change: object = {},
) {
  const { logId } = await client.identity.describe();
  const token = await signToken(
    "role-statement+jwt",
    {
      iss: officer.subject,
      aud: logId,
      sub,
      roles,
      iat: nowS(),
      exp: nowS() + 86_400,
      jti: v4(),
      auth_time: nowS(),
      amr: ["swk", "user"],
      ...change,
    },
    officer.signer,
  );
  return client.identity.stateRoles({ token });
}

/**
 * An operator as a client of any host: enrolled, and able to sign what an operator signs. Whoever is not the first of
 * their log is given these roles by the first; null leaves them as they are enrolled.
 */
export async function enrolledOperator(
  firstClient: TestClient,
  name = "Alice",
  roles: readonly string[] | null = ROLES,
) {
  let client = firstClient;
  const { signer, jwk } = await generateSigner();
  const who = await client.identity.describe();
  const subject = `spiffe://${who.trustDomain}/human/${name.toLowerCase()}-${v4().slice(0, 8)}`;
  const common = (aud: string, lifetimeS = 300) => ({
    iss: subject,
    aud: [aud],
    iat: nowS(),
    exp: nowS() + lifetimeS,
    jti: v4(),
  });
  const proof = await signToken("operator-enrolment+jwt", { ...common(who.logId), name }, signer);
  await client.identity.enrolOperator({ jwk, proof });
  const officer = officers.get(client);
  if (officer === undefined) officers.set(client, { subject, signer });
  else if (roles !== null) await stateRoles(client, officer, subject, roles);
  const presence = { auth_time: nowS(), amr: ["swk", "user"], role: "operator" };

  const operator = {
    subject,
    jwk,
    signer,
    /** The same operator at a host that was opened again. */
    rebound(next: TestClient) {
      client = next;
      return operator;
    },
    /** Starts a run (again under `wid`); `deploy_*` needs a human. */
    async start(
      run: RecordedRun,
      options: {
        speed?: number;
        wid?: string;
        timeoutS?: number;
        /** Members of the start's extension object beside those it needs. */
        ext?: (agents: readonly { readonly id: string; readonly agent: string }[]) => object;
        change?: (policy: AcpClaimsInput) => AcpClaimsInput;
      } = {},
    ) {
      const wid = options.wid ?? v4();
      const stored = await client.workflow.addRun(run);
      const prepared = await client.workflow.prepare({ digest: stored.digest, wid });
      const actionsOf = (agent: string) => [
        ...new Set(run.tasks.filter((task) => task.agent === agent).map((task) => task.action)),
      ];
      const usual: AcpClaimsInput = {
        ...common(prepared.pepId, 7200),
        sub: subject,
        wid,
        acp_ver: 1,
        dag: {
          root: "op",
          self: "op",
          max_depth: 1,
          max_fanout: 64,
          nodes: [
            { id: "op", agent: subject, actions: [...new Set(run.tasks.map((task) => task.action))], delegable: true },
            ...prepared.agents.map((agent, at) => ({
              id: `a${at}`,
              agent: agent.agent,
              actions: actionsOf(agent.id),
              consequence: actionsOf(agent.id).includes("deploy_site")
                ? ("irreversible" as const)
                : ("reversible" as const),
            })),
          ],
          edges: prepared.agents.map((agent, at) => ({
            from: "op",
            to: `a${at}`,
            kind: "delegates" as const,
            actions: actionsOf(agent.id),
          })),
        },
        hitl: {
          default_on_timeout: "deny",
          rules: [
            {
              id: "approve-irreversible",
              trigger: { kind: "consequence", at_least: "irreversible" },
              role: "operator",
              action: "approve",
              timeout_s: options.timeoutS ?? 900,
            },
          ],
        },
      };
      const policy = options.change?.(usual) ?? usual;
      const acp = await signToken("acp+jwt", policy, signer);
      const start = await signToken(
        "exec+jwt",
        {
          ...common(prepared.pepId),
          wid,
          exec_act: "run_start",
          pred: [],
          ect_ext: {
            obj_typ: "recorded-run+json",
            obj_id: run.name,
            obj_hash: stored.digest,
            "org.signalbox.acp": { jti: policy.jti, hash: await digest(acp) },
            ...options.ext?.(prepared.agents),
          },
        },
        signer,
      );
      const started = await client.workflow.start({ acp, start, speed: options.speed ?? 1000 });
      return { wid, digest: stored.digest, acp, start, seq: started.seq };
    },
    /** `view`: what was shown, where it is to be kept. */
    async decide(
      request: string,
      outcome: "approve" | "reject",
      change: object = {},
      view?: Record<string, string | number>,
    ) {
      const shown = await client.gate.request({ request });
      const { exec_act, inp_hash, args_hash } = shown.claims.task;
      const claims = {
        ...common(who.pepId),
        wid: shown.row.wid,
        request: { jti: request, hash: shown.digest },
        outcome,
        ...presence,
        auth_time: nowS(),
        reason: "checked",
        bind: { exec_act, inp_hash, args_hash },
        ...change,
      };
      const token = await signToken("hitl-decision+jwt", claims, signer);
      const ect = objectNode(
        { typ: "hitl-decision+jwt", jti: claims.jti, hash: await digest(token), iss: claims.iss, wid: claims.wid },
        {
          execAct: "hitl_decision",
          outcome,
          aud: claims.aud,
          pred: shown.node === null ? [] : [shown.node],
          iat: claims.iat,
        },
      );
      const node = await signToken("exec+jwt", ect, signer);
      const given = { token, node, ...(view === undefined ? {} : { view }) };
      return { token, node, result: await client.gate.decide(given) };
    },
    /** A request for an evidence pack of the whole log, signed. */
    askEvidence(pepId: string, change: object = {}) {
      const asked = { purpose: "Review", selection: { kind: "all" }, leave_out: [] };
      const claims = { ...common(pepId), ...asked, ...presence, ...change };
      return signToken("evidence-request+jwt", claims, signer);
    },
    async revoke(policy: { readonly jti: string; readonly hash: string }) {
      const token = await signToken(
        "acp-revocation+jwt",
        { ...common(who.pepId), acp: policy, ...presence, reason: "withdrawn" },
        signer,
      );
      return client.policy.revoke({ token });
    },
    /** What an operator says of a crossing or a gap. */
    handleFinding(change: object) {
      return signToken("crossing-handling+jwt", { ...common(who.pepId), ...presence, ...change }, signer);
    },
    /** A question to the trails of other domains. */
    askTrail(domains: readonly string[], change: object = {}) {
      const claims = {
        ...{ ...common(who.pepId), aud: domains.map((domain) => `spiffe://${domain}/pep`) },
        ...{ purpose: "incident_investigation", depth: 0, page: 0, page_size: 100, ...presence, auth_time: nowS() },
        ...change,
      };
      return signToken("audit-query+jwt", claims, signer);
    },
    /** What an operator says of a question that another domain holds. */
    decideQuestion(domain: string, query: { readonly jti: string; readonly hash: string }, change: object = {}) {
      const claims = {
        ...{ ...common(`spiffe://${domain}/pep`), domain, query, outcome: "approve" },
        ...{ shown: { entries: 1000, claims: {} }, reason: "needed", ...presence },
        ...{ role: "safety_officer", auth_time: nowS(), ...change },
      };
      return signToken("audit-query-decision+jwt", claims, signer);
    },
    /** What an operator orders about another domain's border, or what it keeps apart. */
    orderDomain(domain: string, order: object, change: object = {}) {
      const claims = {
        ...{ ...common(`spiffe://${domain}/pep`), domain, order, reason: "needed", ...presence },
        ...{ role: "safety_officer", auth_time: nowS(), ...change },
      };
      return signToken("domain-order+jwt", claims, signer);
    },
    signal(action: "stop" | "release", scope: { kind: string; id: string }, change: object = {}) {
      return signToken(
        "override+jwt",
        {
          ...common(who.pepId),
          ovr_ver: 1,
          level: action === "stop" ? "emergency" : "mandatory",
          action,
          scope,
          params: action === "stop" ? { mode: "immediate" } : {},
          seq: Date.now(),
          deadline_ms: 1000,
          reason: "test of the stop",
          ...presence,
          ...change,
        },
        signer,
      );
    },
  };
  return operator;
}

/** Resolves when a view of the host satisfies what is waited for, looked at after every change notice. */
export async function until<T>(client: TestClient, look: () => Promise<T | null>): Promise<T> {
  const ending = new AbortController();
  const notices = await client.audit.watch(undefined, { signal: ending.signal });
  try {
    const first = await look();
    if (first !== null) return first;
    for await (const _notice of notices) {
      const seen = await look();
      if (seen !== null) return seen;
    }
  } finally {
    ending.abort();
    await notices.return?.();
  }
  throw new Error("the notices ended before what was waited for");
}
