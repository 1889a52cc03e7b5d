import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { must } from "../app/base/assert.ts";
import { fromBase64url } from "../app/base/bytes.ts";
import type { EvidencePack } from "../app/protocol/pack/claims.ts";
import { originOf, verifierKeyOf } from "../app/protocol/transparency/sign-note.ts";
import type { RealPacks } from "./corpus.fixture.ts";
import { forged, someOf, type Tampered, unsigned } from "./tampered.fixture.ts";

type Part = "heads" | "proofs" | "anchors" | "keys" | "policies" | "views" | "withheld" | "elsewhere";

/** What stands beside the entries, changed by somebody without the log's key. */
export async function tamperedParts(packs: RealPacks): Promise<Tampered[]> {
  const { whole, workflow, query, bare } = packs;
  return [
    ...rows("whole log", whole, ["heads", "proofs", "anchors", "keys", "policies", "views"]),
    ...rows("workflow", workflow, ["heads", "withheld"]),
    ...rows("query", query, ["elsewhere"]),
    ...rows("without recordings", bare, ["withheld"]),
    ...(await heads(packs)),
    ...proofs(whole),
    ...anchors(whole),
    ...members(packs),
    ...objects(whole),
    ...texts(whole),
    ...(await seals(packs)),
  ];
}

/** A row is taken out, doubled, swapped with the next, or added. */
function rows(what: string, pack: EvidencePack, parts: readonly Part[]): Tampered[] {
  const cases: Tampered[] = [];
  for (const part of parts) {
    const all: readonly unknown[] = pack[part];
    const add = (name: string, changed: readonly unknown[], place: string): void => {
      cases.push({ name: `${what}: ${name}`, text: JSON.stringify({ ...pack, [part]: changed }), place });
    };
    for (const at of someOf(all.length, 3)) {
      add(
        `take out ${part} ${at}`,
        all.filter((_, here) => here !== at),
        placeWithout(part, at),
      );
      add(`double ${part} ${at}`, all.toSpliced(at, 0, all[at]), `${part}.${at + 1}`);
      if (at + 1 < all.length)
        add(`swap ${part} ${at} and the next`, all.toSpliced(at, 2, all[at + 1], all[at]), `${part}.${at}`);
    }
    add(`no ${part}`, [], placeWithout(part, 0));
  }
  return cases.filter(({ place }) => place !== "");

  /** What is elsewhere is missed where it is named. */
  function placeWithout(part: Part, at: number): string {
    if (part !== "elsewhere") return `${part}.${at}`;
    const named = must(pack.elsewhere[at], "a row").seq;
    return `entries.${pack.entries.findIndex(({ seq }) => seq === named)}`;
  }
}

async function heads(packs: RealPacks): Promise<Tampered[]> {
  const { whole } = packs;
  const cases: Tampered[] = [];
  const put = (name: string, at: number, head: string): void => {
    cases.push({
      name: `head ${at}: ${name}`,
      text: JSON.stringify({ ...whole, heads: whole.heads.with(at, head) }),
      place: `heads.${at}`,
    });
  };
  for (const at of someOf(whole.heads.length, 3)) {
    const head = must(whole.heads[at], "a head");
    put("turn a bit of its signature", at, unsigned(head));
    put("sign it with another key", at, await forged(head, packs));
    put("an entry's token in its place", at, must(whole.entries[1], "an entry").token);
    put("no token", at, "x");
  }
  return cases;
}

function proofs(pack: EvidencePack): Tampered[] {
  const cases: Tampered[] = [];
  const root = pack.manifest.root;
  for (const at of someOf(pack.proofs.length, 3)) {
    const proof = must(pack.proofs[at], "a proof");
    const changed: readonly (readonly [string, object])[] = [
      ["alter its first node", { ...proof, path: proof.path.with(0, root) }],
      ["leave out its last node", { ...proof, path: proof.path.slice(0, -1) }],
      ["add a node", { ...proof, path: [...proof.path, root] }],
      ["begin elsewhere", { ...proof, first_size: proof.first_size + 1 }],
      ["end elsewhere", { ...proof, second_size: proof.second_size + 1 }],
      ["from another root", { ...proof, first_root: root }],
      ["to another root", { ...proof, second_root: proof.first_root }],
    ];
    for (const [name, other] of changed)
      cases.push({
        name: `proof ${at}: ${name}`,
        text: JSON.stringify({ ...pack, proofs: pack.proofs.with(at, other as typeof proof) }),
        place: `proofs.${at}`,
      }); // changed on purpose
  }
  return cases;
}

/** A checkpoint that came back from a witness. */
function anchors(pack: EvidencePack): Tampered[] {
  const { note, keys } = must(pack.anchors[0], "an anchor");
  const [key = ""] = keys;
  const jwk = pack.keys[0]?.jwk;
  const publicKey = must(jwk?.kty === "OKP" ? fromBase64url(jwk.x) : null, "the log's own Ed25519 key");
  const own = verifierKeyOf({ name: originOf(pack.manifest.log_id), kind: "ed25519", publicKey }, nobleSha256);
  const changed: readonly (readonly [string, object])[] = [
    ["another size", { note: note.replace(/\n\d+\n/, "\n3\n"), keys }],
    ["another name", { note: `x${note}`, keys }],
    ["without the witness", { note: note.slice(0, note.lastIndexOf("\u2014")), keys }],
    ["without the witness and its key", { note: note.slice(0, note.lastIndexOf("\u2014")), keys: [] }],
    ["without the witness's key", { note, keys: [] }],
    ["another name for the witness", { note, keys: [key.replace("witness", "other")] }],
    ["a damaged key", { note, keys: [key.slice(0, -4)] }],
    ["the witness twice", { note, keys: [key, key] }],
    ["the log as its own witness", { note, keys: [key, own] }],
    ["no note", { note: "", keys }],
    ["a control character", { note: note.replace("\n", "\r\n"), keys }],
    [
      "a damaged signature",
      { note: note.replace(/[A-Za-z](?=[^\n]{3}\n$)/, (one) => (one === "A" ? "B" : "A")), keys },
    ],
  ];
  return changed.map(([name, anchor]) => ({
    name: `anchor: ${name}`,
    text: JSON.stringify({ ...pack, anchors: [anchor] }),
    place: "anchors.0",
  }));
}

/** One member of one row. */
function members({ whole, workflow, query, bare }: RealPacks): Tampered[] {
  const other = "spiffe://console.local/human/mallory";
  const digest = whole.manifest.root;
  const key = must(whole.keys[0], "a key").jwk;
  const jti = "00000000-0000-4000-8000-000000000000";
  const changes: readonly (readonly [EvidencePack, Part, number, object])[] = [
    [whole, "keys", 1, { subject: other }],
    [whole, "keys", 2, { jwk: key }],
    [whole, "keys", 3, { kid: digest }],
    [whole, "keys", 4, { seq: 1 }],
    [whole, "policies", 0, { hash: digest }],
    [whole, "policies", 0, { iss: other }],
    [whole, "policies", 0, { jti }],
    [whole, "policies", 1, { seq: 1 }],
    [whole, "views", 0, { hash: digest }],
    [whole, "views", 0, { by: other }],
    [whole, "views", 0, { shown_at: 1 }],
    [whole, "views", 0, { text: null }],
    [whole, "views", 0, { text: "{}" }],
    [whole, "views", 0, { text: "not JSON" }],
    [whole, "views", 0, { text: ` ${must(whole.views[0], "a view").text}` }],
    [workflow, "withheld", 0, { to: 0 }],
    [workflow, "withheld", 1, { from: 0 }],
    [bare, "withheld", 0, { why: "not_kept" }],
    [bare, "withheld", 1, { hash: digest }],
    [query, "elsewhere", 0, { why: "other_log" }],
    [query, "elsewhere", 0, { seq: 0 }],
  ];
  return changes.map(([pack, part, at, change]) => {
    const list: readonly object[] = pack[part] as readonly object[]; // rows are objects where members are changed
    const changed = list.map((row, here) => (here === at ? { ...row, ...change } : row));
    const name = `${pack.manifest.selection.kind}: ${part} ${at}: another ${JSON.stringify(change).slice(1, 40)}`;
    return { name, text: JSON.stringify({ ...pack, [part]: changed }), place: `${part}.${at}` };
  });
}

function objects(pack: EvidencePack): Tampered[] {
  const [name = "", other = ""] = Object.keys(pack.objects).sort();
  const value = pack.objects[name];
  const empty = "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o";
  const { [name]: _taken, ...rest } = pack.objects;
  const changed: readonly (readonly [string, object, string])[] = [
    ["reword a recording", { ...pack.objects, [name]: { ...(value as object), name: "x" } }, name],
    ["swap two recordings", { [name]: pack.objects[other], [other]: value }, name],
    ["add an object", { ...pack.objects, [empty]: {} }, empty],
    ["take out a recording", rest, name],
    ["take out all recordings", {}, name],
  ];
  return changed.map(([what, all, place]) => ({
    name: what,
    text: JSON.stringify({ ...pack, objects: all }),
    place: `objects.${place}`,
  }));
}

/** The text of the document. */
function texts(pack: EvidencePack): Tampered[] {
  const text = JSON.stringify(pack);
  const [first] = pack.entries;
  const changed: readonly (readonly [string, string, string])[] = [
    ["cut the file", text.slice(0, -40), "$"],
    ["empty the file", "", "$"],
    ["say a member twice", text.replace('{"signalbox_pack":1', '{"signalbox_pack":1,"signalbox_pack":1'), "$"],
    ["add a member", text.replace('{"signalbox_pack":1', '{"signalbox_pack":1,"note":1'), "$"],
    ["another version", text.replace('{"signalbox_pack":1', '{"signalbox_pack":2'), "signalbox_pack"],
    ["a lone surrogate", text.replace("Review by", "Review\\ud800 by"), "$"],
    ["nest too deep", text.replace('"objects":{', `"objects":${"[".repeat(70)}${"]".repeat(70)},"o":{`), "$"],
    ["leave out a member", JSON.stringify({ ...pack, keys: undefined }), "keys"],
    ["a fraction for a number", text.replace('"entries":[{"seq":0', '"entries":[{"seq":0.5'), "entries.0"],
    [
      "add a member to an entry",
      JSON.stringify({ ...pack, entries: [{ ...first, note: 1 }, ...pack.entries.slice(1)] }),
      "entries.0",
    ],
    ["add a member to the manifest", JSON.stringify({ ...pack, manifest: { ...pack.manifest, note: 1 } }), "manifest"],
    [
      "a number for a text",
      JSON.stringify({ ...pack, manifest: { ...pack.manifest, purpose: 1 } }),
      "manifest.purpose",
    ],
  ];
  return changed.map(([name, changedText, place]) => ({ name: `text: ${name}`, text: changedText, place }));
}

async function seals(packs: RealPacks): Promise<Tampered[]> {
  const { whole, workflow } = packs;
  const changed: readonly (readonly [string, string])[] = [
    ["turn a bit of its signature", unsigned(whole.seal)],
    ["sign it with another key", await forged(whole.seal, packs)],
    ["take another pack's", workflow.seal],
    ["take a head's", whole.heads[0] ?? ""],
    ["leave it out", ""],
  ];
  // Another pack's seal is good, and names other members.
  const sameTime = whole.manifest.exported_at === workflow.manifest.exported_at;
  const other = sameTime ? "manifest.request" : "manifest.exported_at";
  return changed.map(([name, seal]) => ({
    name: `seal: ${name}`,
    text: JSON.stringify({ ...whole, seal }),
    place: seal === workflow.seal ? other : "seal",
  }));
}
