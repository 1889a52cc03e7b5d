import { v4 } from "uuid";
import { enrolledOperator, smallRun, type TestClient, until } from "../app/api/dispatch/operator.fixture.ts";
import { must } from "../app/base/assert.ts";
import { keepAnchor } from "../app/host/anchor-store.ts";
import { openedHost } from "../app/host/host.fixture.ts";
import { keepView } from "../app/host/kept-views.ts";
import type { Host } from "../app/host/open-host.ts";
import { objectDigest } from "../app/protocol/jcs/canonical.ts";
import { generateSigner, type Signer } from "../app/protocol/jose/keys.ts";
import { signToken } from "../app/protocol/jose/sign-token.ts";
import type { EvidencePack } from "../app/protocol/pack/claims.ts";
import type { Selection } from "../app/protocol/pack/request.ts";
import { cosignNote, noteSigner, verifierKeyOf } from "../app/protocol/transparency/sign-note.ts";

/** Whoever wants to sign as the log: only the exporting host can, and an honest one does not. */
export type SignAsLog = (typ: string, claims: object) => Promise<string>;

export interface RealPacks {
  /** Of the whole log; of one workflow; of a query that leaves predecessors behind; of the whole log without recordings. */
  readonly whole: EvidencePack;
  readonly workflow: EvidencePack;
  readonly query: EvidencePack;
  readonly bare: EvidencePack;
  /** Of a query, with two entries taken out: a request for a decision and one more beside it. */
  readonly redacted: EvidencePack;
  readonly signAsLog: SignAsLog;
  readonly outsider: { readonly signer: Signer; readonly jwk: object };
}

/**
 * Packs of a log that a real host wrote: two workflows, one approved and one stopped, operators with keys of both kinds,
 * several signed heads.
 */
export async function realPacks(): Promise<RealPacks> {
  const { host, client } = await openedHost({ metering: { everyMs: 5 }, audit: { jurisdictions: ["EU"] } });
  const alice = await enrolledOperator(client);
  const shown = {
    view_ver: 3,
    action: "deploy_site",
    args_text: '{"step":"deploy"}',
    ratio: 1.5e-7,
    words: "na\u00efve \u{1f600}",
    // Every form that a number can take (RFC 8785): both have to write the same.
    numbers: [
      0, -0, 1.5, 1e21, 123456789012345680000, 1e-6, 1e-7, 0.1, 5e-324, 1.7976931348623157e308, 4.35e-15, -2e-3, 1e23,
    ],
    "\u20ac": '\u0007 "quoted" / \\ ',
    "\u{1f600}": null,
    "\ufb33": [true, false],
  };
  const digest = objectDigest(shown, host.ports.sha256);
  const view = {
    hash: must(digest.ok ? digest.value : null, "a view has a digest"),
    shown_at: Math.floor(Date.now() / 1000),
  };
  const approved = await alice.start(smallRun());
  const request = await until(
    client,
    async () => (await client.gate.queue({ wid: approved.wid, state: "pending" })).rows[0]?.request ?? null,
  );
  await host.engine.issueHead();
  await keepView(host.ports.storage.values, view.hash, shown);
  await alice.decide(request, "approve", { view });
  await until(client, async () => {
    const { workflow } = await client.workflow.get({ wid: approved.wid });
    return workflow.status === "finished" ? workflow : null;
  });
  await host.engine.issueHead();
  await witnessed(host, client);
  const stopped = await alice.start(smallRun("Stopped run", 2), {
    speed: 1,
    // Its policy was signed long before it came.
    change: (policy) => ({ ...policy, iat: policy.iat - 1000, exp: policy.exp - 1000 }),
  });
  await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: stopped.wid }) });
  const eve = await elliptic(client);
  await host.engine.idle();

  const exported = async (
    selection: Selection,
    leaveOut: readonly "recordings"[] = [],
    more: object = {},
  ): Promise<EvidencePack> => {
    const { pepId } = await client.identity.describe();
    const nowS = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: eve.subject, aud: [pepId], iat: nowS, exp: nowS + 120, jti: v4() },
      ...{ purpose: "Review by the auditor <b>", selection, leave_out: leaveOut, ...more },
      ...{ role: "viewer", auth_time: nowS, amr: ["swk", "user"] },
    };
    const token = await signToken("evidence-request+jwt", claims, eve.signer);
    let text = "";
    for await (const chunk of await client.audit.evidence({ token })) text += chunk.text;
    return JSON.parse(text) as EvidencePack; // what the host says is a pack is what is tested
  };
  const { rows } = await client.audit.entries({ wid: approved.wid });
  const asked = must(
    rows.find(({ typ }) => typ === "hitl-request+jwt"),
    "it was asked for",
  ).seq;
  const packs = {
    whole: await exported({ kind: "all" }),
    workflow: await exported({ kind: "workflow", wid: approved.wid }),
    query: await exported({ kind: "query", expression: "outcome:success" }),
    bare: await exported({ kind: "all" }, ["recordings"]),
    redacted: await exported({ kind: "query", expression: "seq>=0" }, [], { redact: [asked, asked + 1] }),
  };
  const signAsLog: SignAsLog = (typ, claims) => host.engine.signAsLog(typ as "evidence-pack+jwt", claims); // signs what it is given
  return { ...packs, signAsLog, outsider: await generateSigner() };
}

/** A checkpoint of the log so far comes back from a witness and is kept (XA-52). */
async function witnessed({ ports, engine }: Host, client: TestClient): Promise<void> {
  // What is metered and recorded comes later than what it is about: a selection can be compared where a head is over as much.
  const { note, size, root } = await until(client, async () => {
    await engine.issueHead();
    const { checkpoint } = await client.anchors.checkpoint();
    return engine.newestHead()?.size === checkpoint.size ? checkpoint : null;
  });
  const pair = await generateSigner();
  const signer = must(noteSigner("witness.example", "cosignature", pair), "an Ed25519 key signs notes");
  const timeS = Math.floor(Date.now() / 1000);
  const anchor = {
    ...{ size, root, note: await cosignNote(note, signer, timeS, ports.sha256), keptAtMs: Date.now() },
    witnesses: [{ name: signer.name, timeS, verifierKey: verifierKeyOf(signer, ports.sha256) }],
  };
  must((await keepAnchor(ports.storage.values, anchor, async () => true)).ok ? true : null, "memory keeps it");
}

/** An operator whose key is of the other kind. */
async function elliptic(client: TestClient): Promise<{ subject: string; signer: Signer }> {
  const { signer, jwk } = await generateSigner("ES256");
  const { logId, trustDomain } = await client.identity.describe();
  const subject = `spiffe://${trustDomain}/human/eve`;
  const nowS = Math.floor(Date.now() / 1000);
  const claims = { iss: subject, aud: [logId], iat: nowS, exp: nowS + 120, jti: v4(), name: "Eve" };
  await client.identity.enrolOperator({ jwk, proof: await signToken("operator-enrolment+jwt", claims, signer) });
  return { subject, signer };
}
