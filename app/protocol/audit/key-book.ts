import type { TrustedKey } from "../jose/keys.ts";

/** A key as an identity of a log binds it, for the entries behind that one. */
export interface Binding {
  /** The place of the identity among the entries that are looked at; -1 for what holds from the first on. */
  readonly after: number;
  readonly key: TrustedKey;
}

/**
 * The keys of a log by the place they are asked for: an entry is verified under what the identities before it bind (COM-2),
 * whichever later ones are known already. Places are counted here, not read from entries: those may say anything.
 */
export interface KeyBook {
  /** The key that is in force for the entry at this place. */
  at(kid: string, place: number): TrustedKey | undefined;
  /** Takes bindings in the order of their identities. */
  bind(binding: Binding): void;
  /** All of them, in that order. */
  bindings(): readonly Binding[];
}

export function createKeyBook(): KeyBook {
  const all: Binding[] = [];
  const byKid = new Map<string, Binding[]>();
  return {
    at: (kid, place) => byKid.get(kid)?.findLast(({ after }) => after < place)?.key,
    bind: (binding) => {
      all.push(binding);
      const known = byKid.get(binding.key.kid);
      if (known === undefined) byKid.set(binding.key.kid, [binding]);
      else known.push(binding);
    },
    bindings: () => all,
  };
}
