import { ok } from "../../base/result.ts";
import type { KeyValueStore, ObjectStore, Storage } from "../../engine/ports.ts";

/**
 * One domain's part of a console's storage: a log of its own name, values under a prefix of its own, no recorded runs. The
 * storage itself is closed by whoever opened it.
 */
export function domainStorage({ log, values, objects }: Storage, domain: string): Storage {
  return {
    log: { ...log, close: () => undefined },
    values: prefixed(values, `domain/${domain}/`),
    objects: ofDomain(objects),
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

/** Objects go by their digests, which its own log names: nothing of what else is kept here is listed, and none is taken away. */
const ofDomain = ({ put, get }: ObjectStore): ObjectStore => ({
  put: (digest, value) => put(digest, value),
  get: (digest) => get(digest),
  list: async () => ok([]),
  delete: async () => ok(undefined),
});
