import { type AgentHostPorts, createAgentHost } from "../agent-host.ts";
import type { ToAgent } from "../messages.ts";
import { type AgentHost, behaviourOf, type MakeHost, type Surroundings } from "./behaviours.ts";
import type { Fault } from "./faults.ts";

export interface DrillAgentHostPorts extends AgentHostPorts {
  /** Of the worker all this runs in; where there is none, both do nothing. */
  readonly worker: Pick<Surroundings, "spin" | "end">;
}

export interface DrillAgentHost extends AgentHost {
  /** An agent is of a drill that is over: what it has begun to do again and again ends. */
  dismiss(agent: string): void;
}

/**
 * Runs the agents of one worker, those with faults (of a drill) among those without. A faulty agent is the same agent with
 * something between it and its mailbox; all others share one host. Who directs it, and the enforcement point, get the
 * same messages from either. An agent of a drill sees no agents beside it but those of the same drill.
 */
export function createDrillAgentHost(ports: DrillAgentHostPorts): DrillAgentHost {
  const sound = createAgentHost(ports);
  const faulty = new Map<string, { readonly host: AgentHost; gone: boolean }>();
  /** By agent, the drill it is of. */
  const drills = new Map<string, string | null>();
  const clocks = new Map<string, Extract<ToAgent, { t: "clock" }>>();

  const receive: AgentHost["receive"] = async (message) => {
    if (message.t === "clock") {
      clocks.set(message.wid, message);
      await Promise.all([sound, ...[...faulty.values()].map(({ host }) => host)].map((host) => host.receive(message)));
      return;
    }
    if (message.t === "agent") {
      drills.set(message.agent, message.drill ?? null);
      const { faults = [] } = message;
      dismiss(message.agent);
      if (faults.length > 0) {
        const host = admit(message.agent, faults);
        // Not waited for: what comes next is for an agent that is there already.
        for (const clock of clocks.values()) void host.receive(clock);
      }
    }
    await (faulty.get(message.agent)?.host ?? sound).receive(message);
  };

  const admit = (agent: string, faults: readonly Fault[]): AgentHost => {
    const around: Surroundings = {
      ...ports.worker,
      peers: () =>
        [...drills].flatMap(([name, drill]) => (name !== agent && drill === drills.get(agent) ? [name] : [])),
      post: (message) => void receive(message),
    };
    const make = faults.reduce<MakeHost>((made, fault) => behaviourOf(fault, around)(made), createAgentHost);
    const after: AgentHostPorts["clock"]["after"] = (ms, run) =>
      ports.clock.after(ms, () => {
        if (!resident.gone) run();
      });
    const resident = { host: make({ ...ports, clock: { ...ports.clock, after } }), gone: false };
    faulty.set(agent, resident);
    return resident.host;
  };

  const dismiss = (agent: string): void => {
    const resident = faulty.get(agent);
    if (resident === undefined) return;
    resident.gone = true;
    faulty.delete(agent);
  };

  return { receive, dismiss };
}
