import type { SignalboxClient } from "./client.ts";

/** Reads of a log that can be of another domain of this console. */
const OF_A_LOG: ReadonlySet<string> = new Set([
  "entries",
  "entry",
  "records",
  "facets",
  "query",
  "selected",
  "lanes",
  "records",
  "verify",
  "heads",
  "export",
]);

type Call = (input: unknown, options?: unknown) => Promise<unknown>;

/** A client that reads the log of another domain of this console; everything else is the console's own, as always. */
export function domainClient(client: SignalboxClient, domain: string): SignalboxClient {
  const audit = client.audit as unknown as Readonly<Record<string, Call | undefined>>; // operations by name
  const reads = new Map<string, Call>();
  const readOf = (name: string): Call => {
    const known = reads.get(name);
    if (known !== undefined) return known;
    const made: Call = async (input, options) => audit[name]?.({ ...(input as object | undefined), domain }, options); // a read takes an object or nothing
    reads.set(name, made);
    return made;
  };
  const ofDomain = new Proxy(audit, {
    get: (target, name) => (typeof name === "string" && OF_A_LOG.has(name) ? readOf(name) : Reflect.get(target, name)),
  });
  return new Proxy(client, {
    get: (target, name) => (name === "audit" ? ofDomain : (Reflect.get(target, name) as unknown)),
  });
}
