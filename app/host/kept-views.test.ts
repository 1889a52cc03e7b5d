import { expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { Json } from "../base/json.ts";
import { objectDigest } from "../protocol/jcs/canonical.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { checkView, keepView, keptView } from "./kept-views.ts";

const sha256 = await createSha256();
const hashOf = (view: Json): string => {
  const digest = objectDigest(view, sha256);
  return must(digest.ok ? digest.value : null, "a digest");
};

it("[XA-32] keeps what somebody was shown under the digest they signed, and takes nothing else for it", async () => {
  const { values } = createMemoryStorage();
  const view = { action: "deploy_site", args_text: '{"step":"deploy"}' };
  const hash = hashOf(view);
  expect(checkView(hash, view, sha256)).toEqual({ ok: true, value: undefined });
  expect(checkView(hash, { ...view, action: "other" }, sha256)).toMatchObject({
    error: { code: "object_hash_mismatch" },
  });
  const long = { words: "x".repeat(300_000) };
  expect(checkView(hashOf(long), long, sha256)).toMatchObject({ error: { code: "view_too_large" } });
  expect(await keptView(values, hash)).toBeUndefined();
  await keepView(values, hash, view);
  expect(await keptView(values, hash)).toEqual(view);
});
