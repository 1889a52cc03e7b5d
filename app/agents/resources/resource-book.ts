import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { coversResource, placeOf } from "../../protocol/cascade/checkpoint.ts";
import { objectDigest } from "../../protocol/jcs/canonical.ts";
import type { Deed } from "./effect.ts";
import { MAX_CONTENT } from "./effect.ts";
import { type Resource, type StoredValues, type StoreProblem, stateValue } from "./resource-store.ts";

/** A resource as it is stored; without text it is not there, and its count goes on. */
export interface StoredResource {
  readonly uri: string;
  readonly text: string | null;
  readonly version: number;
  readonly by: string | null;
  readonly atMs: number;
  /** What comes back, and when, unless somebody confirms. */
  readonly unconfirmed: { readonly byMs: number; readonly text: string | null; readonly by: string | null } | null;
}

/** The resources themselves, as rows of a key-value store. */
export interface ResourceBook {
  /** As it is now: a commit whose time is over has been taken back. Of a resource that never was, an empty one. */
  get(uri: string): Promise<Result<StoredResource, StoreProblem>>;
  /** How often it was changed, a commit whose time is over not counted yet. */
  version(uri: string): Promise<Result<number, StoreProblem>>;
  put(resource: StoredResource): Promise<Result<void, StoreProblem>>;
  /** What lies at or below the places of a scope, by name; everything without one. */
  within(scope: readonly string[] | null): Promise<Result<readonly StoredResource[], StoreProblem>>;
  digest(scope: readonly string[]): Promise<Result<string, StoreProblem>>;
}

const AT = "resource/at/";

export function createResourceBook(values: StoredValues, nowMs: () => number, sha256: Sha256): ResourceBook {
  /** Only `put` writes under this prefix. */
  const stored = async (uri: string): Promise<Result<StoredResource, StoreProblem>> => {
    const found = await values.get(AT + uri);
    return found.ok ? ok((found.value as StoredResource | null | undefined) ?? { ...NONE, uri }) : found;
  };
  const get: ResourceBook["get"] = async (uri) => {
    const found = await stored(uri);
    return found.ok ? ok(settled(found.value, nowMs())) : found;
  };
  const within: ResourceBook["within"] = async (scope) => {
    const names = new Set<string>();
    for (const entry of scope ?? [""]) {
      const keys = await values.keys(AT + placeOf(entry));
      if (!keys.ok) return keys;
      for (const key of keys.value) {
        const uri = key.slice(AT.length);
        if (scope === null || coversResource([entry], uri)) names.add(uri);
      }
    }
    return all([...names].sort().map((uri) => get(uri)));
  };
  return {
    get,
    version: async (uri) => {
      const found = await stored(uri);
      return found.ok ? ok(found.value.version) : found;
    },
    put: (resource) => values.put(AT + resource.uri, resource),
    within,
    digest: async (scope) => {
      const found = await within(scope);
      if (!found.ok) return found;
      return stateDigest(found.value, sha256);
    },
  };
}

const NONE = { text: null, version: 0, by: null, atMs: 0, unconfirmed: null } as const;

/** Digest of a state. Refusal: `resource_unreadable` for text that has no canonical form. */
export function stateDigest(resources: Parameters<typeof stateValue>[0], sha256: Sha256): Result<string, StoreProblem> {
  const digest = objectDigest(stateValue(resources), sha256);
  return digest.ok ? digest : err({ code: "resource_unreadable", detail: digest.error.detail });
}

/** Like a commit on a device that is confirmed in time or taken back: nobody sees it after its time. */
function settled(held: StoredResource, nowMs: number): StoredResource {
  const { unconfirmed } = held;
  if (unconfirmed === null || nowMs < unconfirmed.byMs) return held;
  const { text, by, byMs } = unconfirmed;
  return { uri: held.uri, text, by, version: held.version + 1, atMs: byMs, unconfirmed: null };
}

/** A resource after a deed. Refusals: `commit_reverted`, `resource_too_large`. */
export function after(
  held: StoredResource,
  deed: Deed,
  by: string,
  nowMs: number,
): Result<StoredResource, StoreProblem> {
  if (deed.kind === "confirm")
    return held.unconfirmed === null
      ? err({
          code: "commit_reverted",
          detail: "there is no commit to confirm: its time is over, or it was taken back",
        })
      : ok({ ...held, version: held.version + 1, unconfirmed: null });
  const text = deed.kind === "append" ? (held.text ?? "") + deed.text : deed.text;
  if (text.length > MAX_CONTENT)
    return err({ code: "resource_too_large", detail: `a resource has at most ${MAX_CONTENT} characters` });
  const unconfirmed =
    deed.kind === "commit" ? { byMs: nowMs + deed.confirmWithinS * 1000, text: held.text, by: held.by } : null;
  return ok({ uri: held.uri, text, version: held.version + 1, by, atMs: nowMs, unconfirmed });
}

/** As others see it; null when it is not there. */
export function shown({ uri, text, version, by, atMs, unconfirmed }: StoredResource): Resource | null {
  return text === null ? null : { uri, text, version, by, atMs, confirmByMs: unconfirmed?.byMs ?? null };
}

/** The values of all, or the first problem. */
export async function all<T>(
  results: readonly Promise<Result<T, StoreProblem>>[],
): Promise<Result<readonly T[], StoreProblem>> {
  const values: T[] = [];
  for (const result of await Promise.all(results)) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return ok(values);
}
