import { createOwnTasks, type OwnTasks } from "../../agents/evidence/own-tasks.ts";
import type { OwnQuestion } from "../../agents/evidence/question.ts";
import type { AgentPool, FromAgent } from "../../agents/messages.ts";
import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import type { Engine } from "../../engine/engine.ts";
import { verifierId } from "../../engine/records.ts";
import { ECT_EXT, intentClaimsSchema } from "../../protocol/ect/claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { ObserverPort } from "./observers.ts";
import type { Sidecars } from "./sidecars.ts";

/** How long an agent is waited for, ms: less than all observers are, so that its silence takes nobody else's word away. */
const AGENT_MS = 4000;
/** Agents whose tasks the sidecars remember at most, the newest. */
const MAX_AGENTS = 500;

export interface PoolObserverPorts {
  readonly pool: AgentPool;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
}

/**
 * Observers of the agents of a pool, beside the enforcement point: each agent itself, and its sidecar, a monitor on the
 * host's side of its channel that knows what passed over it and nothing else. Nothing waits for either but their own
 * window's appraisal.
 */
export function createPoolObservers({ pool, engine, clock, ids, sha256 }: PoolObserverPorts): ObserverPort {
  const seen = new Map<string, OwnTasks>();
  const asked = new Map<string, { readonly agent: string; readonly answer: (token: string | null) => void }>();
  /** Of one agent one window at a time is asked about: of two, the later would not follow the earlier. */
  const busy = new Set<string>();
  let sidecars: Sidecars | null = null;

  const tasksOf = (agent: string): OwnTasks => {
    const known = seen.get(agent);
    if (known !== undefined) return known;
    const [oldest] = seen.keys();
    if (seen.size >= MAX_AGENTS && oldest !== undefined) seen.delete(oldest);
    const made = createOwnTasks(agent);
    seen.set(agent, made);
    return made;
  };

  const heard = (message: FromAgent): void => {
    if (message.t === "intent") watchIntent(tasksOf(message.agent), message.agent, message.token, clock.nowMs());
    else if (message.t === "request") seen.get(message.agent)?.gated(message.task);
    else if (message.t === "ect") watchEct(seen.get(message.agent), message.agent, message.token, clock.nowMs());
    else if (message.t === "evidence") {
      const question = asked.get(message.nonce);
      if (question?.agent === message.agent) question.answer(message.token);
    }
  };
  pool.onMessage(heard);

  const askAgent = (question: OwnQuestion): Promise<string | null> => {
    const { agent, nonce } = question;
    if (!pool.houses(agent)) return Promise.resolve(null);
    return new Promise((resolve) => {
      const answer = (token: string | null): void => {
        end();
        asked.delete(nonce);
        resolve(token);
      };
      const end = clock.after(AGENT_MS, () => answer(null));
      asked.set(nonce, { agent, answer });
      pool.send({ t: "evidence", agent, question });
    });
  };

  const askSidecar = async (question: OwnQuestion, prev: Parameters<ObserverPort["ask"]>[0]["prev"]) => {
    const tasks = seen.get(question.agent)?.of(question.wid) ?? null;
    if (tasks === null) return null;
    const { createSidecars } = await import("./sidecars.ts");
    sidecars ??= createSidecars({ engine, clock, ids, sha256 });
    return sidecars.bet(question, tasks, prev);
  };

  return {
    ask: async ({ tasks, prev, ...question }) => {
      if (tasks === null || busy.has(question.agent)) return [];
      busy.add(question.agent);
      const aud = [verifierId(engine.ids), engine.ids.logId];
      const own: OwnQuestion = { ...question, tasks, aud, prev: prev[question.agent] ?? null };
      // A sidecar's word first: beside it an agent's own counts, also where its own alone would not (BEH-8).
      const answers = await Promise.all([
        askSidecar(own, prev).catch(() => null),
        isStopped(engine, question.agent).then((isSo) => (isSo ? null : askAgent(own))),
      ]).finally(() => busy.delete(question.agent));
      return answers.filter((token) => token !== null);
    },
  };
}

/** Who is stopped says nothing, and is not waited for. */
const isStopped = (engine: Engine, agent: string): Promise<boolean> =>
  engine.read((state) =>
    [...state.overrides.values()].some(
      ({ claims, inForce, targets }) => claims.action === "stop" && inForce && targets.has(agent),
    ),
  );

const watchedSchema = intentClaimsSchema.pick({ wid: true, task: true, exec_act: true, target: true, needs: true });

/** As it asks for it: whether it may is for the enforcement point to verify. */
function watchIntent(tasks: OwnTasks, agent: string, token: string, atMs: number): void {
  const parsed = parseCompact(token);
  if (!parsed.ok || parsed.value.payload.iss !== agent) return;
  const read = watchedSchema.safeParse(parsed.value.payload);
  if (read.success) tasks.asked(read.data, atMs);
}

function watchEct(tasks: OwnTasks | undefined, agent: string, token: string, atMs: number): void {
  const parsed = parseCompact(token);
  if (!parsed.ok || parsed.value.payload.iss !== agent) return;
  const { jti, ect_ext: ext } = parsed.value.payload;
  const outcome = typeof ext === "object" && ext !== null && ECT_EXT.outcome in ext ? ext[ECT_EXT.outcome] : null;
  if (typeof jti === "string" && (outcome === "success" || outcome === "failure")) tasks?.ended(jti, outcome, atMs);
}
