import { v4, v5 } from "uuid";
import { must } from "../../app/base/assert.ts";
import { toBase64url, utf8 } from "../../app/base/bytes.ts";
import type { Sha256 } from "../../app/base/ports.ts";
import type { Result } from "../../app/base/result.ts";
import { systemClock, systemIds } from "../../app/base/system.ts";
import { type Engine, openEngine } from "../../app/engine/engine.ts";
import type { FactOf } from "../../app/engine/fact.ts";
import type { EventLog, Frame } from "../../app/engine/ports.ts";
import { hostIds } from "../../app/engine/records.ts";
import type { AcpClaimsInput } from "../../app/protocol/acp/claims.ts";
import { generateSigner, importPublicKey, type Signer } from "../../app/protocol/jose/keys.ts";
import { signToken, tokenDigest } from "../../app/protocol/jose/sign-token.ts";

/** One task of the load, signed beforehand: what its agent asks, and what it states when it is done. */
export interface SignedTask {
  readonly task: string;
  readonly intent: string;
  readonly ect: string;
}

/** An engine with a running workflow, and the tokens its agents will bring. Everything here is real; only the agents' signing is done early. */
export interface SignedLoad {
  readonly engine: Engine;
  readonly wid: string;
  /** Chains of tasks: within a chain each task names the one before it as its predecessor. */
  readonly chains: readonly (readonly SignedTask[])[];
  /** Public keys by kid, of everyone whose tokens are in the log. */
  readonly publicKeys: ReadonlyMap<string, CryptoKey>;
  readonly pepSigner: Signer;
  /** What the engine made durable, in order. */
  readonly frames: readonly Frame[];
}

export interface LoadShape {
  readonly agents: number;
  readonly chains: number;
  readonly tasksPerChain: number;
}

const LIFETIME_S = 600;
const ids = hostIds("bench.local");

/** Opens an engine over the log, starts a workflow and signs the agents' tokens. */
export async function openLoad(log: EventLog, sha256: Sha256, shape: LoadShape): Promise<SignedLoad> {
  const [logKey, pepKey, human] = await Promise.all([generateSigner(), generateSigner(), generateSigner()]);
  const frames: Frame[] = [];
  const engine = value(
    await openEngine({
      log: recording(log, frames),
      ids,
      clock: systemClock,
      uuid: systemIds,
      sha256,
      logSigner: logKey.signer,
      pepSigner: pepKey.signer,
      logPublicKey: value(await importPublicKey(logKey.jwk)).key,
    }),
  );
  const operator = `spiffe://${ids.domain}/human/bench`;
  for (const [subject, { jwk }] of [
    [ids.logId, logKey],
    [ids.pepId, pepKey],
    [operator, human],
  ] as const)
    value(await engine.submit({ kind: "enrol", subject, name: subject, jwk, kid: kidOf(jwk), lifetimeS: 86_400 }));

  const wid = v4();
  const agents = await Promise.all(
    Array.from({ length: shape.agents }, async (_, at) => ({
      subject: `spiffe://${ids.domain}/agent/${wid}/a${at}`,
      ...(await generateSigner()),
    })),
  );
  const acp = await startWorkflow(engine, { wid, operator, signer: human.signer, agents, sha256 });
  const publicKeys = new Map<string, CryptoKey>();
  for (const { jwk } of [logKey, pepKey, human, ...agents])
    publicKeys.set(kidOf(jwk), value(await importPublicKey(jwk)).key);

  const chains = await Promise.all(
    Array.from({ length: shape.chains }, (_, at) => {
      const agent = must(agents[at % agents.length], "there are agents");
      return signChain({ wid, acp, agent, name: `chain-${at}`, length: shape.tasksPerChain, sha256 });
    }),
  );
  frames.length = 0;
  return { engine, wid, chains, publicKeys, pepSigner: pepKey.signer, frames };
}

/** A log that also remembers its frames: the floor writes the same ones. */
function recording(log: EventLog, frames: Frame[]): EventLog {
  return {
    ...log,
    append: async (domain, expectedSize, frame) => {
      const appended = await log.append(domain, expectedSize, frame);
      if (appended.ok) frames.push(frame);
      return appended;
    },
  };
}

interface Agent {
  readonly subject: string;
  readonly signer: Signer;
  readonly jwk: Awaited<ReturnType<typeof generateSigner>>["jwk"];
}

interface Acp {
  readonly jti: string;
  readonly hash: string;
}

async function startWorkflow(
  engine: Engine,
  given: { wid: string; operator: string; signer: Signer; agents: readonly Agent[]; sha256: Sha256 },
): Promise<Acp> {
  const { wid, operator, signer, agents, sha256 } = given;
  const policy: AcpClaimsInput = {
    ...common(operator, 3600),
    sub: operator,
    wid,
    acp_ver: 1,
    dag: {
      root: "op",
      self: "op",
      max_depth: 1,
      nodes: [
        { id: "op", agent: operator, actions: ["build_site"], delegable: true },
        { id: "all", agent: `spiffe://${ids.domain}/agent/${wid}/*`, actions: ["build_site"] },
      ],
      edges: [{ from: "op", to: "all", kind: "delegates", actions: ["build_site"] }],
    },
    hitl: { default_on_timeout: "deny", rules: [] },
  };
  const acpToken = await signToken("acp+jwt", policy, signer);
  const acp = { jti: policy.jti, hash: tokenDigest(acpToken, sha256) };
  const startToken = await signToken(
    "exec+jwt",
    {
      ...common(operator),
      wid,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_id: "bench",
        obj_hash: digestOf("bench", sha256),
        "org.signalbox.acp": acp,
      },
    },
    signer,
  );
  const received = value(await engine.receive(acpToken));
  const start = value(await engine.receive(startToken));
  value(
    await engine.submit({
      kind: "start",
      acp: { verified: received.verified, fact: received.fact as FactOf<"acp+jwt"> },
      start: { verified: start.verified, fact: start.fact as FactOf<"exec+jwt"> },
      agents: agents.map(({ subject, jwk }) => ({ subject, name: subject, jwk, kid: kidOf(jwk) })),
    }),
  );
  return acp;
}

async function signChain(given: {
  wid: string;
  acp: Acp;
  agent: Agent;
  name: string;
  length: number;
  sha256: Sha256;
}): Promise<SignedTask[]> {
  const { wid, acp, agent, sha256 } = given;
  const chain: SignedTask[] = [];
  for (let at = 0; at < given.length; at += 1) {
    const task = v5(`${given.name}/${at}`, wid);
    const pred = chain.slice(-1).map((before) => before.task);
    const inpHash = digestOf(`inputs of ${task}`, sha256);
    const [intent, ect] = await Promise.all([
      signToken(
        "intent+jwt",
        {
          ...common(agent.subject),
          wid,
          task,
          exec_act: "build_site",
          pred,
          inp_hash: inpHash,
          args_hash: digestOf(`arguments of ${task}`, sha256),
          target: `${given.name}-${at}.out`,
          acp,
        },
        agent.signer,
      ),
      signToken(
        "exec+jwt",
        {
          ...common(agent.subject),
          jti: task,
          wid,
          exec_act: "build_site",
          pred,
          inp_hash: inpHash,
          out_hash: digestOf(`outputs of ${task}`, sha256),
          ect_ext: { acp_ref: acp, "org.signalbox.outcome": "success" },
        },
        agent.signer,
      ),
    ]);
    chain.push({ task, intent, ect });
  }
  return chain;
}

function common(iss: string, lifetimeS = LIFETIME_S) {
  const iat = Math.floor(Date.now() / 1000);
  return { iss, aud: [ids.pepId], iat, exp: iat + lifetimeS, jti: v4() };
}

const digestOf = (text: string, sha256: Sha256): string => toBase64url(sha256(utf8(text)));
const kidOf = (jwk: { readonly kid?: string | undefined }): string => must(jwk.kid, "a key of ours has its kid");

/** The value of a result; anything else in a bench is a bug of the bench. */
export function value<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`the bench's own load was refused: ${JSON.stringify(result.error)}`);
  return result.value;
}
