import { err, ok, type Result } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import { writeRefusal } from "../engine/load.ts";
import type { Unavailable } from "../engine/ports.ts";
import { isTrustDomainName, TRUST_DOMAIN_RULE } from "../protocol/identity/trust-domain-name.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import { CHOSEN, keptTrustDomain, type NamedStorage, OWN_ENTRIES, whyNamed } from "./trust-domain.ts";

const malformed = (): Refusal => ({ ...refusal("domain_name_malformed", TRUST_DOMAIN_RULE), status: 400 });
/** Engines whose log is being named: of two who choose at once the second would write over what the first was told. */
const naming = new WeakSet<object>();
const fixed = (why: string): Refusal => ({ ...refusal("domain_fixed", why), status: 409 });

/**
 * Chooses the name that the console's domain has from its next opening on. Durable before the log of the old name is closed
 * for good, and without effect if somebody wrote to that meanwhile. Refusals: `domain_name_malformed`, `domain_fixed`.
 */
export async function nameTrustDomain(
  engine: NamedEngine,
  storage: NamedStorage,
  chosen: string,
): Promise<Result<void, Refusal | Unavailable>> {
  if (!isTrustDomainName(chosen)) return err(malformed());
  if (naming.has(engine)) return err(fixed("somebody else is giving this console a name now"));
  naming.add(engine);
  try {
    return await named(engine, storage, chosen);
  } finally {
    naming.delete(engine);
  }
}

type NamedEngine = Pick<Engine, "ids" | "read" | "breakOff" | "fault">;

async function named(
  engine: NamedEngine,
  { values }: NamedStorage,
  chosen: string,
): Promise<Result<void, Refusal | Unavailable>> {
  const { domain } = engine.ids;
  // How long a damaged log once was nobody knows: another name would only hide it.
  const fault = engine.fault();
  if (fault !== null) return err(writeRefusal(fault));
  const before = await engine.read((_state, { size }) => whyNamed(domain, size));
  if (before !== null) return err(fixed(before));
  const put = await values.put(CHOSEN, { name: chosen, instead: domain });
  if (!put.ok) return put;
  const meanwhile = await engine.read((_state, { size }) => {
    const why = whyNamed(domain, size);
    if (why === null)
      engine.breakOff({ seq: size, code: "log_renamed", detail: `this console is called ${chosen} from now on` });
    return why;
  });
  return meanwhile === null ? ok(undefined) : err(fixed(meanwhile));
}

/** The name to open a storage under where one may be asked for from outside. Refusals as of `nameTrustDomain`. */
export async function trustDomainFor(
  storage: NamedStorage,
  asked: string | undefined,
): Promise<Result<string, Refusal | Unavailable>> {
  const kept = await keptTrustDomain(storage);
  if (!kept.ok || asked === undefined || asked === kept.value) return kept;
  if (!isTrustDomainName(asked)) return err(malformed());
  const head = await storage.log.head(kept.value);
  if (!head.ok) return head;
  if (head.value.size > OWN_ENTRIES)
    return err(fixed(`the log that is there is of ${kept.value}, and a log keeps its name`));
  const put = await storage.values.put(CHOSEN, { name: asked, instead: kept.value });
  return put.ok ? ok(asked) : put;
}
