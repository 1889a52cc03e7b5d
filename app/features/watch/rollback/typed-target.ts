/** Longest name somebody is asked to type. */
const TYPED_CHARACTERS = 40;
const TYPEABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

export interface TypedTarget {
  readonly what: string;
  readonly text: string;
}

/**
 * What is typed where something stays changed for good (F2): the name of what is gone back to where it can be typed as it is
 * shown, else the end of the plan's digest.
 */
export function typedTarget(name: string | null, planHash: string): TypedTarget {
  const isTypeable = name !== null && name.length <= TYPED_CHARACTERS && TYPEABLE.test(name);
  return isTypeable ? { what: "target", text: name } : { what: "end of the plan's digest", text: planHash.slice(-8) };
}
