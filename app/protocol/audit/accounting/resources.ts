import * as z from "zod";

/** What can be metered, and the one unit of each (cross-domain-audit.md, table of resources). */
export const UNIT_OF = {
  cpu: "core_s",
  gpu: "gpu_s",
  memory: "gib_s",
  network_in: "byte",
  network_out: "byte",
  storage: "gib_h",
  api_call: "call",
  llm_input_token: "token",
  llm_output_token: "token",
  llm_cached_token: "token",
  human_review: "s",
  agent_time: "s",
} as const;
export type Resource = keyof typeof UNIT_OF;

// The keys of a constant table are its resources and nothing else.
export const RESOURCES = Object.keys(UNIT_OF) as readonly Resource[];
export const resourceSchema = z.enum(RESOURCES as [Resource, ...Resource[]]);

/** X6: whether a unit is the resource's own. */
export const unitFits = (resource: string, unit: string): boolean =>
  Object.hasOwn(UNIT_OF, resource) && UNIT_OF[resource as Resource] === unit; // Checked by the line before it is read.

export const isTokenCount = (resource: string): boolean => resource.startsWith("llm_");
