import { must } from "../app/base/assert.ts";
import type { EvidencePack } from "../app/protocol/pack/claims.ts";
import type { RealPacks } from "./corpus.fixture.ts";
import {
  claimsOf,
  headerOf,
  type Open,
  openPack,
  relisted,
  renumbered,
  resealed,
  someOf,
  type Tampered,
} from "./tampered.fixture.ts";

/** A digest of something else. */
const OTHER_ROOT = "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o";

/**
 * The exporting host lies: it has the log's key, makes leaves, root, counts and seal anew, and still cannot make what it
 * signed before agree; or it can, and a head that the reader remembers tells.
 */
export async function tamperedByExporter(packs: RealPacks): Promise<Tampered[]> {
  return [
    ...(await rewritten(packs)),
    ...(await headsOfItsOwn(packs)),
    ...(await rolledBack(packs)),
    ...(await omitted(packs)),
    ...remembered(packs),
  ];
}

const sealed = async (pack: Open, packs: RealPacks): Promise<string> =>
  JSON.stringify(await resealed(relisted(pack), packs));

/** The entry's own place does not tell any more: the first signed head over it does. */
async function rewritten(packs: RealPacks): Promise<Tampered[]> {
  const { whole } = packs;
  const cases: Tampered[] = [];
  const quiet = whole.entries.flatMap(({ token }, at) => (headerOf(token).typ === "record+jwt" ? [at] : []));
  for (const here of someOf(quiet.length, 4)) {
    const at = must(quiet[here], "a place");
    const place = `heads.${whole.heads.findIndex((head) => Number(claimsOf(head).tree_size) > at)}`;
    const changed: readonly (readonly [string, EvidencePack["entries"]])[] = [
      [
        "alter its submitter",
        whole.entries.map((entry, index) => (index === at ? { ...entry, submitter: "urn:x" } : entry)),
      ],
      ["drop it", renumbered(whole.entries.filter((_, index) => index !== at))],
    ];
    for (const [name, entries] of changed)
      cases.push({
        name: `exporter, entry ${at}: ${name}`,
        text: await sealed({ ...openPack(whole), entries }, packs),
        place,
      });
  }
  const again = [...whole.entries, { ...must(whole.entries.at(-1), "an entry"), seq: whole.entries.length }];
  cases.push({
    name: "exporter: the last entry once more under a new number",
    text: await sealed({ ...openPack(whole), entries: again }, packs),
    place: `entries.${whole.entries.length}`,
    code: "token_replayed",
  });
  for (const shift of [-100_000, 100_000]) {
    const entries = whole.entries.map((entry) => ({ ...entry, received_at: entry.received_at + shift }));
    const late = entries.findIndex(({ token, received_at }) => Number(claimsOf(token).exp) <= received_at - 30);
    cases.push({
      name: `exporter: shift the whole log by ${shift} s`,
      text: await sealed({ ...openPack(whole), entries }, packs),
      place: shift < 0 ? "entries.0" : `entries.${late}`,
      code: shift < 0 ? "token_not_yet_valid" : "token_expired",
    });
  }
  return cases;
}

async function headsOfItsOwn(packs: RealPacks): Promise<Tampered[]> {
  const { whole, signAsLog } = packs;
  const cases: Tampered[] = [];
  const put = async (name: string, heads: readonly string[], place: string): Promise<void> => {
    cases.push({
      name: `exporter, heads: ${name}`,
      text: await sealed({ ...openPack(whole), heads: [...heads] }, packs),
      place,
    });
  };
  for (const at of someOf(whole.heads.length, 3)) {
    const claims = claimsOf(must(whole.heads[at], "a head"));
    const signed = async (change: object): Promise<string[]> =>
      whole.heads.with(at, await signAsLog("audit-sth+jwt", { ...claims, ...change }));
    await put(`${at} over another root`, await signed({ root: OTHER_ROOT }), `heads.${at}`);
    await put(`${at} after another one`, await signed({ prev_root: OTHER_ROOT }), at === 0 ? "heads.0" : `heads.${at}`);
    await put(`${at} over more entries`, await signed({ tree_size: 9_000 }), `heads.${at}`);
    if (at > 0) {
      await put(`${at} of an earlier time`, await signed({ iat: 1 }), `heads.${at}`);
      await put(
        `${at} left out`,
        whole.heads.filter((_, index) => index !== at),
        at === whole.heads.length - 1 ? "manifest.tree_size" : `heads.${at}`,
      );
    }
  }
  await put("none", [], "manifest.tree_size");
  return cases;
}

/** An earlier state given out for the newest: it holds in itself, and only a remembered head tells. */
async function rolledBack(packs: RealPacks): Promise<Tampered[]> {
  const { whole } = packs;
  const { tree_size, root } = whole.manifest;
  const head = `${tree_size}:${root}`;
  const anchored = Number(must(whole.anchors[0], "an anchor").note.split("\n")[1]);
  const cases: Tampered[] = [];
  for (const at of someOf(whole.heads.length - 1, 3)) {
    const size = Number(claimsOf(must(whole.heads[at], "a head")).tree_size);
    const short = { ...openPack(whole), entries: whole.entries.slice(0, size), heads: whole.heads.slice(0, at + 1) };
    const name = `exporter: roll back to head ${at}`;
    const { proofs, keys, policies, views } = whole;
    const before = <R extends { readonly seq: number }>(rows: readonly R[]): R[] =>
      rows.filter(({ seq }) => seq < size);
    const text = await sealed(
      { ...short, proofs: proofs.slice(0, at), keys: before(keys), policies: before(policies), views: before(views) },
      packs,
    );
    cases.push({ name, text, head, place: "manifest.tree_size", code: "log_truncated" });
    // Nobody remembers a head, but a witness has signed a later one.
    if (size < anchored)
      cases.push({ name: `${name}, with its anchor`, text, place: "anchors.0", code: "log_truncated" });
  }
  // Fewer entries under the size and the root that were signed.
  const last = whole.entries.length - 1;
  const { manifest } = whole;
  const fewer = {
    ...openPack(whole),
    entries: whole.entries.slice(0, last),
    manifest: {
      ...manifest,
      ranges: [[0, last - 1] satisfies [number, number]],
      leaves: manifest.leaves.slice(0, last),
      counts: { ...manifest.counts, entries: last },
    },
  };
  cases.push({
    name: "exporter: leave the last entry out and say so",
    text: JSON.stringify(await resealed(fewer, packs)),
    place: `heads.${whole.heads.length - 1}`,
    code: "log_root_mismatch",
  });
  // Without the request there is nothing that asked for it, even where nobody remembers.
  const cut = { ...openPack(whole), entries: whole.entries.slice(0, -1) };
  cases.push({
    name: "exporter: leave the request out",
    text: await sealed(cut, packs),
    place: `heads.${whole.heads.length - 1}`,
  });
  return cases;
}

/** What was left out of a selection, or is in another log, not said (XA-S7). */
async function omitted(packs: RealPacks): Promise<Tampered[]> {
  const { query, workflow, whole, redacted } = packs;
  const takenOut = redacted.withheld.findIndex(({ why }) => why === "redacted");
  const because = (pack: EvidencePack, row: number, why: string) => ({
    withheld: pack.withheld.map((one, here) => (here === row ? { ...one, why } : one)),
  });
  const named = must(query.elsewhere[0], "a predecessor elsewhere");
  const at = query.entries.findIndex(({ seq }) => seq === named.seq);
  const jti = "00000000-0000-4000-8000-000000000000";
  const cases: [string, EvidencePack, object, string][] = [
    ["do not say that a predecessor is elsewhere", query, { elsewhere: [] }, `entries.${at}`],
    ["say it of another task", query, { elsewhere: [{ ...named, jti }] }, `entries.${at}`],
    [
      "say it of one more",
      query,
      { elsewhere: [...query.elsewhere, { ...named, jti }] },
      `elsewhere.${query.elsewhere.length}`,
    ],
    [
      "say in a whole log that it is elsewhere",
      whole,
      { elsewhere: [{ ...named, why: "not_selected" }] },
      "elsewhere.0",
    ],
    ["do not say what is not selected", workflow, { withheld: [] }, "withheld.0"],
    [
      "say that more is not selected",
      workflow,
      { withheld: [...workflow.withheld, { what: "entries", from: 900, to: 901, why: "not_selected" }] },
      `withheld.${workflow.withheld.length}`,
    ],
    ["say that it was taken out, which nobody asked for", workflow, because(workflow, 0, "redacted"), "withheld.0"],
    [
      "say that what was taken out was not selected",
      redacted,
      because(redacted, takenOut, "not_selected"),
      `withheld.${takenOut}`,
    ],
    ["leave out a policy", workflow, { policies: [] }, "policies.0"],
    ["leave out a key", workflow, { keys: workflow.keys.slice(1) }, "keys.0"],
    ["leave out what was shown", workflow, { views: [] }, "views.0"],
    ["leave out a recording", workflow, { objects: {} }, `withheld.${workflow.withheld.length}`],
  ];
  const tampered: Tampered[] = [];
  for (const [name, pack, change, place] of cases)
    tampered.push({ name: `exporter: ${name}`, text: await sealed({ ...openPack(pack), ...change }, packs), place });
  // An entry of a selection is simply not there, and everything says so but what remains.
  for (const here of someOf(workflow.entries.length, 4).filter((one) => one > 0)) {
    const gone = must(workflow.entries[here], "an entry").seq;
    const text = await sealed(
      { ...openPack(workflow), entries: workflow.entries.filter(({ seq }) => seq !== gone) },
      packs,
    );
    tampered.push({ name: `exporter, workflow: drop entry ${here}`, text, place: "manifest.ranges" });
  }
  return tampered;
}

/** Good packs, and readers who remember another log. */
function remembered({ whole, workflow }: RealPacks): Tampered[] {
  const text = JSON.stringify(whole);
  const { tree_size: size, root } = whole.manifest;
  const sizes = whole.heads.map((head) => Number(claimsOf(head).tree_size));
  const between = Array.from({ length: size }, (_, at) => at + 1).find((one) => !sizes.includes(one)) ?? 1;
  const short = must(workflow.heads[0], "a head");
  return [
    {
      name: "another root over all",
      text,
      head: `${size}:${OTHER_ROOT}`,
      place: `heads.${sizes.length - 1}`,
      code: "log_split_view",
    },
    {
      name: "another root at the first head",
      text,
      head: `${sizes[0]}:${OTHER_ROOT}`,
      place: "heads.0",
      code: "log_split_view",
    },
    {
      name: "another root between heads",
      text,
      head: `${between}:${OTHER_ROOT}`,
      place: "manifest.root",
      code: "log_split_view",
    },
    { name: "a longer log", text, head: `${size + 5}:${root}`, place: "manifest.tree_size", code: "log_truncated" },
    { name: "another key", text, logKey: OTHER_ROOT, place: "entries.0", code: "receipt_log_unknown" },
    {
      name: "of a selection: another root at a head",
      text: JSON.stringify(workflow),
      head: `${Number(claimsOf(short).tree_size)}:${OTHER_ROOT}`,
      place: "heads.0",
    },
    {
      name: "of a selection: a head that is none of its heads",
      text: JSON.stringify(workflow),
      head: `${between}:${OTHER_ROOT}`,
      place: "manifest.heads",
      code: "log_incomplete",
    },
    {
      name: "of a selection: a longer log",
      text: JSON.stringify(workflow),
      head: `9999:${root}`,
      place: "manifest.tree_size",
    },
  ];
}
