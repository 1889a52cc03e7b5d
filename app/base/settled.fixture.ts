import { nextTurn } from "./system.ts";

/** What WebCrypto has been asked for and has not answered yet, in this thread. */
let underWay = 0;

const METHODS = ["sign", "verify", "digest", "generateKey", "importKey", "exportKey", "deriveBits"] as const;

for (const method of METHODS) {
  // Each of them takes any arguments and answers with a promise.
  const own = SubtleCrypto.prototype[method] as (...given: unknown[]) => Promise<unknown>;
  Object.assign(SubtleCrypto.prototype, {
    [method]: async function (this: SubtleCrypto, ...given: unknown[]): Promise<unknown> {
      underWay += 1;
      try {
        return await own.apply(this, given);
      } finally {
        underWay -= 1;
      }
    },
  });
}

/**
 * Resolves once what was begun in this thread is done, for tests whose clock is set by hand: signing and hashing go on
 * beside it and take as long as the machine takes, so that a number of turns alone is a race.
 */
export async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet = underWay === 0 ? quiet + 1 : 0) await nextTurn();
}
