import { ORPCError } from "@orpc/server";
import { v4 } from "uuid";
import { beforeAll, expect, it, vi } from "vitest";
import { must } from "../../base/assert.ts";
import { openedHost } from "../../host/host.fixture.ts";
import type { Host } from "../../host/open-host.ts";
import { objectDigest } from "../../protocol/jcs/canonical.ts";
import { generateSigner, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { EvidencePack } from "../../protocol/pack/claims.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";

let host: Host;
let client: TestClient;
let alice: Awaited<ReturnType<typeof enrolledOperator>>;

beforeAll(async () => {
  ({ host, client } = await openedHost());
  alice = await enrolledOperator(client);
});

function request(change: object = {}, signer: Signer = alice.signer): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: alice.subject, aud: ["spiffe://console.local/pep"], iat: nowS, exp: nowS + 120, jti: v4() },
    ...{ purpose: "Review", selection: { kind: "all" }, leave_out: [] },
    ...{ role: "viewer", auth_time: nowS, amr: ["swk"] },
  };
  return signToken("evidence-request+jwt", { ...claims, ...change }, signer);
}

async function packOf(token: string): Promise<EvidencePack> {
  let text = "";
  for await (const chunk of await client.audit.evidence({ token })) text += chunk.text;
  return JSON.parse(text) as EvidencePack; // what the host says is a pack
}

const codeOf = (error: unknown): string =>
  error instanceof ORPCError ? String(error.data?.code ?? error.code) : String(error);
const refusedAs = (token: string): Promise<string> => packOf(token).then(() => "made", codeOf);

it("[XA-33] a pack is asked for by a person, once, with a purpose, and is in the log before it is made", async () => {
  const before = (await client.host.status()).position.size;
  const token = await request();
  const { manifest, entries } = await packOf(token);
  expect(entries[manifest.request.seq]?.token).toBe(token);
  expect(manifest.request.seq).toBe(before);
  expect((await client.host.status()).position.size).toBe(before + 1);
  expect(await refusedAs(token)).toBe("token_replayed");
  expect(await refusedAs(await request({ purpose: "" }))).toBe("token_claim_invalid");
  expect(await refusedAs(await request({ selection: { kind: "workflow", wid: v4() } }))).toBe("workflow_unknown");
  expect(await refusedAs(await request({}, (await generateSigner()).signer))).toBe("token_key_unknown");
  const { logId } = await client.identity.describe();
  const stranger = await request({ iss: logId });
  expect(await refusedAs(stranger)).toBe("token_issuer_mismatch");
  const signal = await alice.signal("stop", { kind: "workflow", id: v4() });
  expect(await refusedAs(signal)).toBe("token_wrong_type");
  expect((await client.host.status()).position.size).toBe(before + 1);
});

it("[XA-32] what was shown comes with the decision that names its digest, and is in the pack", async () => {
  const { wid } = await alice.start(smallRun("Shown", 1));
  const pending = await until(
    client,
    async () => (await client.gate.queue({ wid, state: "pending" })).rows[0]?.request ?? null,
  );
  const view = { view_ver: 3, action: "deploy_site" };
  const digest = objectDigest(view, host.ports.sha256);
  const hash = must(digest.ok ? digest.value : null, "a digest");
  const shown = { view: { hash, shown_at: Math.floor(Date.now() / 1000) } };
  const lying = alice.decide(pending, "approve", shown, { ...view, action: "other" });
  expect(await lying.then(() => "taken", codeOf)).toBe("object_hash_mismatch");
  await alice.decide(pending, "approve", shown, view);
  const pack = await packOf(await request({ selection: { kind: "workflow", wid } }));
  expect(pack.views).toMatchObject([{ by: alice.subject, hash, text: '{"action":"deploy_site","view_ver":3}' }]);
});

it("[XA-30] what is asked when a pack begins to be planned is answered before the plan is done", async () => {
  const ids = { uuid: () => v4() };
  const { host: busy, client: asker } = await openedHost({ ids: { uuid: () => ids.uuid() } });
  const bob = await enrolledOperator(asker);
  const counts = { asked: 0, answered: 0 };
  const atSeal = vi.fn();
  vi.spyOn(busy.engine, "signAsLog").mockImplementation(async (typ) => {
    if (typ === "evidence-pack+jwt") atSeal({ ...counts });
    return "";
  });
  const token = await request({ iss: bob.subject }, bob.signer);
  // The last id that is taken before the plan is the pack's own.
  ids.uuid = () => {
    counts.asked += 1;
    void asker.host.status().then(() => {
      counts.answered += 1;
    });
    return v4();
  };
  for await (const _chunk of await asker.audit.evidence({ token }));
  expect(counts.asked).toBeGreaterThan(0);
  expect(atSeal).toHaveBeenCalledExactlyOnceWith({ asked: counts.asked, answered: counts.asked });
  busy.close();
});

it("[XA-37] what others rest on is not taken out of a pack, nor anything of a whole log, and what is refused is not logged", async () => {
  const before = (await client.host.status()).position.size;
  const all = { kind: "query", expression: "seq>=0" };
  expect([
    await refusedAs(await request({ redact: [1] })),
    await refusedAs(await request({ redact: [0], selection: all })),
    await refusedAs(await request({ redact: [999_999], selection: all })),
    await refusedAs(await request({ redact: [], selection: all })),
  ]).toEqual(["redaction_whole_log", "redaction_needed", "entry_unknown", "token_claim_invalid"]);
  expect((await client.host.status()).position.size).toBe(before);
});
