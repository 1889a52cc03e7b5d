import { ok } from "../../base/result.ts";
import type { KeyValueStore, ObjectStore, Storage } from "../../engine/ports.ts";

/**
 * One domain's part of a console's storage: a log of its own name, values under a prefix of its own, no recorded runs. The
 * storage itself is closed by whoever opened it.
 */
export function domainStorage({ log, values }: Storage, domain: string): Storage {
  return {
    log: { ...log, close: () => undefined },
    values: prefixed(values, `domain/${domain}/`),
    objects: NO_OBJECTS,
  };
}

function prefixed(values: KeyValueStore, prefix: string): KeyValueStore {
  return {
    get: (key) => values.get(prefix + key),
    put: (key, value) => values.put(prefix + key, value),
    keys: async (start) => {
      const found = await values.keys(prefix + start);
      return found.ok ? ok(found.value.map((key) => key.slice(prefix.length))) : found;
    },
    delete: (key) => values.delete(prefix + key),
  };
}

const NO_OBJECTS: ObjectStore = {
  put: async () => ok(undefined),
  get: async () => ok(undefined),
  list: async () => ok([]),
  delete: async () => ok(undefined),
};
