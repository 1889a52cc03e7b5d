import { v5 as uuidV5 } from "uuid";

export interface RunNames {
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/**
 * Place in its run of the task that a token is about, or null. A task's token id is the UUIDv5 of its recorded id in the
 * namespace of the workflow, so that anybody can compute it; those of the same name are tried first.
 */
export function taskIndex({ ids, names }: RunNames, wid: string, jti: string, name: string | null): number | null {
  const isIt = (id: string): boolean => uuidV5(id, wid) === jti;
  const named = ids.findIndex((id, index) => names[index] === name && isIt(id));
  const index = named === -1 ? ids.findIndex(isIt) : named;
  return index === -1 ? null : index;
}
