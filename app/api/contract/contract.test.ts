import { sha256 } from "@noble/hashes/sha2.js";
import { OpenAPIGenerator } from "@orpc/openapi";
import { ZodToJsonSchemaConverter } from "@orpc/zod/zod4";
import { expect, it } from "vitest";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { CONTRACT_VERSION, contract } from "./contract.ts";

/** The shape of each version: a change of shape needs a new version and its line here. */
const SHAPES: Readonly<Record<string, string>> = {
  "1.0.0": "xBN-6UrYbNoEfQtKUwfQFNMgQEkkkqmMHNzovtEiaHM",
  "1.1.0": "Rxo5cT6v-_nwDO_djACy4odyKHzJCzYuWlWPEhgaYxQ",
  "1.2.0": "wvwNULxkq4a4S7TteMHgFun-MVdjxJV4fP3bsQaRHXE",
  "1.3.0": "l4viTtQU0OU5JNK_uKUggU3Ik0FHIASzXfhK36f6OqI",
  "1.5.0": "I9_cXv0dshfTyIwyqkr7x0bLg6GMMtYWrdZasKHaRwo",
  "1.6.0": "d533aW4JCd_x0Ovww4Gu7AY3iQJkrfl-kGd4jLiA5FI",
  "1.7.0": "cxM5njru4jV9isbYkgrrYJ9PCe26ncqCuDztvSOLlTs",
  "1.4.0": "9vVC0_VlxrRN3-KeAmtMTnOyXC01nH4K4wQQWtdnIkY",
};

it("the shape of the contract is the one its version names", async () => {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, { info: { title: "Signalbox", version: CONTRACT_VERSION } });
  const text = canonicalText(JSON.parse(JSON.stringify(document)) as Json);
  expect(text.ok && toBase64url(sha256(utf8(text.value)))).toBe(SHAPES[CONTRACT_VERSION]);
});
