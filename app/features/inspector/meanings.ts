import { BY_TYP, COMMON, HEADER } from "./claim-meanings.ts";
import type { Meaning, Meanings } from "./meaning.ts";

const own = (meanings: Meanings, name: string): Meaning | null =>
  Object.hasOwn(meanings, name) ? (meanings[name] ?? null) : null;

/** What a claim of this type means; null where nobody here knows, so that it is ignored (COM-6). */
export function meaningOf(typ: string | null, name: string): Meaning | null {
  const ofType = typ !== null && Object.hasOwn(BY_TYP, typ) ? BY_TYP[typ] : undefined;
  if (ofType === undefined) return null;
  return own(ofType, name) ?? own(COMMON, name);
}

export function headerMeaningOf(name: string): Meaning | null {
  return own(HEADER, name);
}
