import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { v4, v5 } from "uuid";
import { must } from "../base/assert.ts";
import { toBase64url, utf8 } from "../base/bytes.ts";
import type { Clock } from "../base/ports.ts";
import type { AcpClaimsInput } from "../protocol/acp/claims.ts";
import type { IntentClaims } from "../protocol/ect/claims.ts";
import { nodeJti, objectNode } from "../protocol/ect/object-node.ts";
import { generateSigner, importPublicKey, type Signer } from "../protocol/jose/keys.ts";
import { signToken, tokenDigest } from "../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import type { TokenNode } from "./command.ts";
import { type Engine, openEngine, type Received } from "./engine.ts";
import type { FactOf } from "./fact.ts";
import type { Storage } from "./ports.ts";
import { hostIds } from "./records.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
export const ids = hostIds("console.local");
export const alice = "spiffe://console.local/human/alice";
export const digestOf = (text: string): string => toBase64url(sha256(utf8(text)));

/** A clock that only moves when told. */
export function testClock(startS: number): Clock & { advance(seconds: number): void } {
  let nowMs = startS * 1000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: () => () => undefined,
    advance: (seconds) => {
      nowMs += seconds * 1000;
    },
  };
}

export interface Person {
  readonly id: string;
  readonly signer: Signer;
  decision(request: string, outcome: string, change?: object): Promise<string>;
}

export interface Bench {
  readonly engine: Engine;
  readonly storage: Storage;
  readonly clock: ReturnType<typeof testClock>;
  readonly operator: Signer;
  readonly agent: Signer;
  readonly agentId: string;
  readonly wid: string;
  readonly acp: { jti: string; hash: string };
  reopen(): Promise<Engine>;
  task(name: string): string;
  intent(task: string, execAct: string, pred?: readonly string[], needs?: IntentClaims["needs"]): Promise<string>;
  request(task: string, execAct: string, change?: object): Promise<string>;
  decision(request: string, outcome: string, change?: object): Promise<string>;
  /** Somebody else, enrolled, with these roles given by Alice. */
  person(name: string, roles: readonly string[]): Promise<Person>;
  ect(task: string, execAct: string, pred?: readonly string[]): Promise<string>;
  stop(change?: object): Promise<string>;
  /** Requests and decisions go in with the ECT that is due with them (ACP-14). */
  submit(token: string): ReturnType<Engine["submit"]>;
  /** That ECT. */
  nodeOf(token: string): Promise<string>;
}

/** A real engine over memory storage with one operator, one agent and a started workflow whose `deploy_*` needs a human. */
export async function startedWorkflow(
  startS = 1_772_064_000,
  change: (policy: AcpClaimsInput) => AcpClaimsInput = (policy) => policy,
  startExt: object = {},
): Promise<Bench> {
  const clock = testClock(startS);
  const [log, pep, human, robot] = await Promise.all([
    generateSigner(),
    generateSigner(),
    generateSigner(),
    generateSigner("ES256"),
  ]);
  const logKey = await importPublicKey(log.jwk);
  const storage = createMemoryStorage();
  const ports = {
    log: storage.log,
    ids,
    clock,
    uuid: { uuid: () => v4() },
    sha256,
    logSigner: log.signer,
    pepSigner: pep.signer,
    logPublicKey: must(logKey.ok ? logKey.value.key : null, "the log's key imports"),
  };
  const open = async (): Promise<Engine> => {
    const opened = await openEngine(ports);
    return must(opened.ok ? opened.value : null, "the engine opens");
  };
  const engine = await open();
  const enrol = (subject: string, name: string, jwk: (typeof log)["jwk"]) =>
    engine.submit({ kind: "enrol", subject, name, jwk, kid: must(jwk.kid, "a kid"), lifetimeS: 86_400 });
  await enrol(ids.logId, "log", log.jwk);
  await enrol(ids.pepId, "enforcement point", pep.jwk);
  await enrol(alice, "Alice", human.jwk);

  const wid = v4();
  const agentId = `spiffe://console.local/agent/${wid}/deployer`;
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const common = (iss: string) => ({ iss, aud: [ids.pepId], iat: nowS(), exp: nowS() + 300, jti: v4() });
  const policy: AcpClaimsInput = change({
    ...common(alice),
    sub: alice,
    exp: nowS() + 7200,
    wid,
    acp_ver: 1,
    dag: {
      root: "n1",
      self: "n1",
      max_depth: 1,
      edges: [
        { from: "n1", to: "n2", kind: "delegates", actions: ["deploy_*"] },
        { from: "n1", to: "n3", kind: "delegates", actions: ["build_*"] },
      ],
      nodes: [
        { id: "n1", agent: alice, actions: ["build_*", "deploy_*"], delegable: true },
        { id: "n2", agent: agentId, actions: ["deploy_*"], consequence: "irreversible" },
        { id: "n3", agent: agentId, actions: ["build_*"], constraints: { max_calls: 3 } },
      ],
    },
    hitl: {
      default_on_timeout: "deny",
      rules: [
        {
          id: "r1",
          trigger: { kind: "consequence", at_least: "irreversible" },
          role: "operator",
          action: "approve",
          timeout_s: 60,
        },
      ],
    },
  });
  const acpToken = await signToken("acp+jwt", policy, human.signer);
  const acp = { jti: policy.jti, hash: tokenDigest(acpToken, sha256) };
  const startToken = await signToken(
    "exec+jwt",
    {
      ...common(alice),
      wid,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_id: "run",
        obj_hash: digestOf("run"),
        "org.signalbox.acp": acp,
        ...startExt,
      },
    },
    human.signer,
  );
  const received = [await engine.receive(acpToken), await engine.receive(startToken)].map((result) =>
    must(result.ok ? result.value : null, JSON.stringify(result)),
  );
  const [acpReceived, startReceived] = received;
  await engine
    .submit({
      kind: "start",
      acp: { verified: must(acpReceived, "acp").verified, fact: must(acpReceived, "acp").fact as FactOf<"acp+jwt"> },
      start: {
        verified: must(startReceived, "start").verified,
        fact: must(startReceived, "start").fact as FactOf<"exec+jwt">,
      },
      agents: [{ subject: agentId, name: "deployer", jwk: robot.jwk, kid: must(robot.jwk.kid, "a kid") }],
    })
    .then((result) => must(result.ok ? result : null, JSON.stringify(result)));

  const decisionBy = async (who: string, signer: Signer, request: string, outcome: string, change: object) => {
    const gate = await engine.read((state) => must(state.gates.get(request), "a gate"));
    const { exec_act, inp_hash, args_hash } = gate.claims.task;
    return signToken(
      "hitl-decision+jwt",
      {
        ...common(who),
        wid,
        request: { jti: request, hash: gate.hash },
        outcome,
        role: "operator",
        auth_time: nowS(),
        amr: ["swk", "user"],
        reason: "checked",
        bind: { exec_act, inp_hash, args_hash },
        ...change,
      },
      signer,
    );
  };
  const signers = new Map([
    [alice, human.signer],
    [agentId, robot.signer],
  ]);
  /** The ECT that is due with a request or a decision, signed by whoever signed that. */
  const nodeFor = async ({ verified, fact }: Received): Promise<TokenNode | null> => {
    if (fact.typ !== "hitl-request+jwt" && fact.typ !== "hitl-decision+jwt") return null;
    const { claims } = fact;
    const signer = signers.get(claims.iss);
    if (signer === undefined) return null;
    const isDecision = fact.typ === "hitl-decision+jwt";
    const pred = await engine.read((state) => {
      if (fact.typ === "hitl-request+jwt")
        return state.workflows.get(claims.wid)?.tasks.get(fact.claims.task.jti)?.intent?.pred ?? [];
      const requested = nodeJti(fact.claims.request.jti);
      return state.workflows.get(claims.wid)?.ects.has(requested) === true ? [requested] : [];
    });
    const node = objectNode(
      { typ: fact.typ, jti: claims.jti, hash: verified.digest, iss: claims.iss, wid: claims.wid },
      {
        execAct: isDecision ? "hitl_decision" : "hitl_request",
        aud: [ids.pepId],
        pred,
        iat: nowS(),
        ...(fact.typ === "hitl-decision+jwt" ? { outcome: fact.claims.outcome } : {}),
      },
    );
    const received = await engine.receive(await signToken("exec+jwt", node, signer));
    const value = must(received.ok ? received.value : null, JSON.stringify(received));
    return { verified: value.verified, fact: value.fact as FactOf<"exec+jwt"> };
  };
  const hashes = (task: string) => ({ inp_hash: digestOf(`in ${task}`), args_hash: digestOf(`args ${task}`) });
  return {
    engine,
    storage,
    clock,
    operator: human.signer,
    agent: robot.signer,
    agentId,
    wid,
    acp,
    reopen: open,
    task: (name) => v5(name, wid),
    intent: (task, execAct, pred = [], needs = {}) =>
      signToken(
        "intent+jwt",
        { ...common(agentId), wid, task, exec_act: execAct, pred, ...hashes(task), acp, needs },
        robot.signer,
      ),
    request: (task, execAct, change = {}) =>
      signToken(
        "hitl-request+jwt",
        {
          ...common(agentId),
          wid,
          task: { jti: task, exec_act: execAct, pred: [], ...hashes(task) },
          acp,
          rule_ids: ["r1"],
          role: "operator",
          approvals: 1,
          consequence: "irreversible",
          explanation: { summary: "Deploy", alternatives: [], evidence: [], confidence: null },
          options: ["approve", "reject"],
          ...change,
        },
        robot.signer,
      ),
    decision: (request, outcome, change = {}) => decisionBy(alice, human.signer, request, outcome, change),
    person: async (name, roles) => {
      const id = `spiffe://console.local/human/${name}`;
      const key = await generateSigner();
      const enrolled = await enrol(id, name, key.jwk);
      must(enrolled.ok ? enrolled : null, JSON.stringify(enrolled));
      const grant = await signToken(
        "role-statement+jwt",
        {
          ...common(alice),
          aud: [ids.logId],
          exp: nowS() + 86_000,
          sub: id,
          roles,
          auth_time: nowS(),
          amr: ["pwd", "user"],
        },
        human.signer,
      );
      const received = await engine.receive(grant);
      signers.set(id, key.signer);
      const granted = received.ok ? await engine.submit({ kind: "token", ...received.value }) : received;
      must(granted.ok ? granted : null, JSON.stringify(granted));
      return {
        id,
        signer: key.signer,
        decision: (request, outcome, change = {}) => decisionBy(id, key.signer, request, outcome, change),
      };
    },
    ect: (task, execAct, pred = []) =>
      signToken(
        "exec+jwt",
        {
          ...common(agentId),
          jti: task,
          wid,
          exec_act: execAct,
          pred,
          inp_hash: hashes(task).inp_hash,
          ect_ext: { acp_ref: acp },
        },
        robot.signer,
      ),
    stop: (change = {}) =>
      signToken(
        "override+jwt",
        {
          ...common(alice),
          ovr_ver: 1,
          level: "emergency",
          action: "stop",
          scope: { kind: "domain", id: "console.local" },
          params: { mode: "immediate" },
          seq: 1,
          deadline_ms: 1000,
          reason: "operator stop",
          auth_time: nowS(),
          amr: ["swk", "user"],
          role: "operator",
          ...change,
        },
        human.signer,
      ),
    submit: async (token) => {
      const result = await engine.receive(token);
      if (!result.ok) return result;
      const node = await nodeFor(result.value);
      return engine.submit({ kind: "token", ...result.value, ...(node === null ? {} : { node }) });
    },
    nodeOf: async (token) => {
      const result = await engine.receive(token);
      return must(result.ok ? (await nodeFor(result.value))?.verified.compact : null, JSON.stringify(result));
    },
  };
}
