import { must } from "../app/base/assert.ts";
import type { EvidencePack } from "../app/protocol/pack/claims.ts";
import type { RealPacks } from "./corpus.fixture.ts";
import { openPack, resealed, type Tampered } from "./tampered.fixture.ts";

type Change = readonly [member: string, change: (pack: EvidencePack) => object, sealed: string, head?: string];

const DIGEST = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const JTI = "00000000-0000-4000-8000-000000000000";

/**
 * Every member of the manifest, changed: by an outsider, whom the seal betrays at that member; and by the exporting host
 * itself, which seals anew and is betrayed where the rest of the pack says otherwise.
 */
export async function tamperedManifests(packs: RealPacks): Promise<Tampered[]> {
  const { whole, workflow, query } = packs;
  const cases: Tampered[] = [];
  for (const [pack, changes] of [
    [whole, ofWhole(whole)],
    [workflow, ofSelection()],
    [query, ofSelection()],
  ] as const)
    for (const [member, change, sealed] of changes) {
      const manifest = { ...pack.manifest, ...change(pack) } as EvidencePack["manifest"]; // changed on purpose
      const what = `${pack.manifest.selection.kind}: manifest: another ${member} (${sealed})`;
      const name = Object.keys(change(pack))[0] ?? "";
      cases.push({
        name: what,
        text: JSON.stringify({ ...pack, manifest }),
        place: `manifest.${name}`,
        code: "pack_manifest_mismatch",
      });
      const lying = await resealed({ ...openPack(pack), manifest }, packs);
      cases.push({ name: `${what}, sealed by the log`, text: JSON.stringify(lying), place: sealed });
    }
  return cases;
}

function ofWhole(pack: EvidencePack): Change[] {
  const { entries, manifest, heads } = pack;
  const last = entries.length - 1;
  const addressed = entries.findIndex(({ token }) => String(claims(token).aud).endsWith("/pep"));
  return [
    ["log", () => ({ log_id: "spiffe://console.local/other" }), "seal"],
    ["domain", () => ({ domain: "other.local" }), `entries.${addressed}`],
    ["earlier time", () => ({ exported_at: 1_000_000_000 }), "manifest.exported_at"],
    ["person", () => ({ exported_by: "spiffe://console.local/human/mallory" }), "manifest.exported_by"],
    ["purpose", () => ({ purpose: "Something else" }), "manifest.purpose"],
    ["request place", () => ({ request: { ...manifest.request, seq: 1 } }), "manifest.request"],
    ["request id", () => ({ request: { ...manifest.request, jti: JTI } }), "manifest.request"],
    ["request digest", () => ({ request: { ...manifest.request, hash: DIGEST } }), "manifest.request"],
    ["selection", () => ({ selection: { kind: "query", expression: "outcome:success" } }), "entries.0"],
    ["larger size", () => ({ tree_size: manifest.tree_size + 1 }), "manifest.tree_size"],
    ["smaller size", () => ({ tree_size: manifest.tree_size - 1 }), "manifest.ranges"],
    ["root", () => ({ root: DIGEST }), "manifest.root"],
    ["shorter ranges", () => ({ ranges: [[0, last - 1]] }), "manifest.ranges"],
    ["backward ranges", () => ({ ranges: [[last, 0]] }), "manifest.ranges"],
    [
      "torn ranges",
      () => ({
        ranges: [
          [0, 3],
          [4, last],
        ],
      }),
      "manifest.ranges",
    ],
    ["first leaf", () => ({ leaves: manifest.leaves.with(0, DIGEST) }), "entries.0"],
    ["middle leaf", () => ({ leaves: manifest.leaves.with(9, DIGEST) }), "entries.9"],
    ["last leaf", () => ({ leaves: manifest.leaves.with(last, DIGEST) }), `entries.${last}`],
    ["fewer leaves", () => ({ leaves: manifest.leaves.slice(1) }), "manifest.ranges"],
    ["head digest", () => ({ heads: manifest.heads.with(1, DIGEST) }), "heads.1"],
    ["more heads", () => ({ heads: [...manifest.heads, DIGEST] }), `heads.${heads.length}`],
    ["fewer heads", () => ({ heads: manifest.heads.slice(0, -1) }), `heads.${heads.length - 1}`],
    ["view digest", () => ({ parts: { ...manifest.parts, views: [DIGEST] } }), "views.0"],
    ["more views", () => ({ parts: { ...manifest.parts, views: [...manifest.parts.views, DIGEST] } }), "views.1"],
    [
      "object",
      () => ({ parts: { ...manifest.parts, objects: [...manifest.parts.objects, DIGEST] } }),
      `objects.${DIGEST}`,
    ],
    ["anchor digest", () => ({ parts: { ...manifest.parts, anchors: [DIGEST] } }), "anchors.0"],
    ["withheld digest", () => ({ parts: { ...manifest.parts, withheld: [DIGEST] } }), "withheld.0"],
    ["elsewhere digest", () => ({ parts: { ...manifest.parts, elsewhere: [DIGEST] } }), "elsewhere.0"],
    ...Object.keys(manifest.counts).map(
      (part): Change => [
        `count of ${part}`,
        () => ({ counts: { ...manifest.counts, [part]: 999 } }),
        "manifest.counts",
      ],
    ),
  ];
}

function ofSelection(): Change[] {
  const gone = (pack: EvidencePack): readonly (readonly [number, number])[] => pack.manifest.ranges.slice(0, -1);
  return [
    ["selection", () => ({ selection: { kind: "workflow", wid: JTI } }), "manifest.selection"],
    ["query", () => ({ selection: { kind: "query", expression: "typ:x" } }), "manifest.selection"],
    ["stretch less", (pack) => ({ ranges: gone(pack) }), "manifest.ranges"],
    ["root", () => ({ root: DIGEST }), "entries.0"],
    ["size", (pack) => ({ tree_size: pack.manifest.tree_size * 8 }), "entries.0"],
    [
      "withheld digest",
      (pack) => ({ parts: { ...pack.manifest.parts, withheld: pack.manifest.parts.withheld.with(0, DIGEST) } }),
      "withheld.0",
    ],
  ];
}

const claims = (token: string): { readonly aud?: unknown } => read(token, 1);
function read<T>(token: string, at: number): T {
  return JSON.parse(Buffer.from(must(token.split(".")[at], "a token has segments"), "base64url").toString()) as T; // of ours
}
