import { type AgentHostPorts, createAgentHost } from "../agent-host.ts";
import { type AgentHost, behaviourOf, type MakeHost, type Surroundings } from "./behaviours.ts";
import type { Fault } from "./faults.ts";

export interface DrillAgentHostPorts extends AgentHostPorts {
  /** Of the worker all this runs in; where there is none, both do nothing. */
  readonly worker: Pick<Surroundings, "spin" | "end">;
}

/**
 * Runs the agents of one worker, those with faults (of a drill) among those without. A faulty agent is the same agent with
 * something between it and its mailbox; all others share one host. Who directs it, and the enforcement point, get the
 * same messages from either.
 */
export function createDrillAgentHost(ports: DrillAgentHostPorts): AgentHost {
  const sound = createAgentHost(ports);
  const faulty = new Map<string, AgentHost>();
  const names = new Set<string>();

  const receive: AgentHost["receive"] = async (message) => {
    if (message.t === "clock") {
      await Promise.all([sound, ...faulty.values()].map((host) => host.receive(message)));
      return;
    }
    if (message.t === "agent") {
      names.add(message.agent);
      const { faults = [] } = message;
      if (faults.length === 0) faulty.delete(message.agent);
      else faulty.set(message.agent, faultyHost(message.agent, faults));
    }
    await (faulty.get(message.agent) ?? sound).receive(message);
  };

  const faultyHost = (agent: string, faults: readonly Fault[]): AgentHost => {
    const around: Surroundings = {
      ...ports.worker,
      peers: () => [...names].filter((name) => name !== agent),
      post: (message) => void receive(message),
    };
    const make = faults.reduce<MakeHost>((made, fault) => behaviourOf(fault, around)(made), createAgentHost);
    return make(ports);
  };

  return { receive };
}
