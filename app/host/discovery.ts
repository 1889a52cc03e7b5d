import { LINK_STAGES } from "../engine/liveness/liveness-state.ts";
import { MAX_DEADLINE_MS } from "../engine/override/decide.ts";
import { CARRIED_OUT } from "../engine/override/decide-order.ts";
import { HEARTBEAT_S, LINK_LOSS_ACTS } from "../protocol/liveness/terms.ts";
import type { Host } from "./open-host.ts";

/**
 * The document of `/.well-known/agent-override` (OVR-7). Of the enforcement point, which stands before every agent of the
 * domain: agents have no endpoint of their own here, and a stop never depends on one [ours].
 */
export async function discoveryOf({ engine, ports }: Host) {
  const { domain, logId, pepId } = engine.ids;
  const keys = await engine.read((state) =>
    [...state.keys.values()]
      .filter(({ subject }) => subject === pepId || subject === logId)
      .map(({ jwk }) => ({ ...jwk }) as Record<string, string>),
  );
  const isServer = ports.kind === "server";
  return {
    ver: 1 as const,
    endpoint: isServer ? "/api/overrides" : null,
    stream: isServer ? "/api/audit/watch" : null,
    levels: Object.keys(MAX_DEADLINE_MS),
    actions: [...CARRIED_OUT],
    deadline_ms: { ...MAX_DEADLINE_MS },
    heartbeat_s: HEARTBEAT_S,
    keys: { keys },
    degraded_modes: [...LINK_STAGES.filter((stage) => stage !== "planned"), ...LINK_LOSS_ACTS],
    domains: [domain],
  };
}
