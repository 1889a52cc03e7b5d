import { must } from "../app/base/assert.ts";
import type { EvidencePack, PackEntry } from "../app/protocol/pack/claims.ts";
import type { RealPacks } from "./corpus.fixture.ts";
import {
  claimsOf,
  forged,
  headerOf,
  openPack,
  renumbered,
  reworded,
  someOf,
  type Tampered,
  unsigned,
} from "./tampered.fixture.ts";

type Change = (entries: readonly PackEntry[], at: number) => readonly PackEntry[] | Promise<readonly PackEntry[]>;

const put = (entries: readonly PackEntry[], at: number, change: (entry: PackEntry) => PackEntry): PackEntry[] =>
  entries.map((entry, here) => (here === at ? change(entry) : entry));

/** Everything that somebody without the log's key can do to an entry; each is told at the entry itself. */
export async function tamperedEntries(packs: RealPacks): Promise<Tampered[]> {
  const changes: readonly (readonly [name: string, change: Change, placeBy?: number])[] = [
    ["alter its submitter", (all, at) => put(all, at, (entry) => ({ ...entry, submitter: "urn:example:other" }))],
    [
      "shift its time forward",
      (all, at) => put(all, at, (entry) => ({ ...entry, received_at: entry.received_at + 1 })),
    ],
    ["shift its time back", (all, at) => put(all, at, (entry) => ({ ...entry, received_at: entry.received_at - 7 }))],
    [
      "reword its token",
      (all, at) =>
        put(all, at, (entry) => ({ ...entry, token: reworded(entry.token, (claims) => ({ ...claims, note: "x" })) })),
    ],
    ["turn a bit of its signature", (all, at) => put(all, at, (entry) => ({ ...entry, token: unsigned(entry.token) }))],
    ["cut its token", (all, at) => put(all, at, (entry) => ({ ...entry, token: entry.token.slice(0, -6) }))],
    [
      "give it another's token",
      (all, at) => put(all, at, (entry) => ({ ...entry, token: all[(at + 1) % all.length]?.token ?? entry.token })),
    ],
    ["change its number", (all, at) => put(all, at, (entry) => ({ ...entry, seq: entry.seq + 1 }))],
    ["drop it", (all, at) => all.filter((_, here) => here !== at)],
    ["double it", (all, at) => all.flatMap((entry, here) => (here === at ? [entry, entry] : [entry])), 1],
    ["cut behind it", (all, at) => all.slice(0, at + 1), 1],
  ];
  const cases: Tampered[] = [];
  const add = async (pack: EvidencePack, what: string, most: number): Promise<void> => {
    const last = pack.entries.length - 1;
    for (const at of someOf(pack.entries.length, most))
      for (const [name, change, by = 0] of changes) {
        if (name === "cut behind it" && at === last) continue;
        const entries = await change(pack.entries, at);
        cases.push({
          name: `${what}, entry ${at}: ${name}`,
          text: JSON.stringify({ ...pack, entries }),
          place: `entries.${at + by}`,
        });
      }
  };
  await add(packs.whole, "whole log", 7);
  await add(packs.workflow, "workflow", 3);
  return [...cases, ...(await tokensOfOthers(packs)), ...orders(packs), ...paths(packs)];
}

async function tokensOfOthers(packs: RealPacks): Promise<Tampered[]> {
  const { whole, outsider } = packs;
  const cases: Tampered[] = [];
  for (const at of someOf(whole.entries.length, 5)) {
    const token = await forged(must(whole.entries[at], "an entry").token, packs);
    const pack = { ...whole, entries: put(whole.entries, at, (entry) => ({ ...entry, token })) };
    cases.push({ name: `entry ${at}: sign it with another key`, text: JSON.stringify(pack), place: `entries.${at}` });
    const entries = renumbered(
      put(whole.entries, at, (entry) => entry).toSpliced(at, 0, { ...must(whole.entries[at], "an entry"), token }),
    );
    cases.push({
      name: `entry ${at}: insert a forged one before it`,
      text: JSON.stringify({ ...whole, entries }),
      place: `entries.${at}`,
    });
  }
  // A log key of one's own: the whole first entry anew, signed by itself.
  const first = must(whole.entries[0], "an entry");
  const { signToken } = await import("../app/protocol/jose/sign-token.ts");
  const token = await signToken("wit+jwt", { ...claimsOf(first.token), cnf: { jwk: outsider.jwk } }, outsider.signer);
  const pack = { ...openPack(whole), entries: put(whole.entries, 0, (entry) => ({ ...entry, token })) };
  const kid = String(headerOf(first.token).kid);
  return [
    ...cases,
    { name: "another key for the log itself", text: JSON.stringify(pack), place: "seal", code: "token_key_unknown" },
    {
      name: "the same, to a reader who knows the key",
      text: JSON.stringify(pack),
      logKey: kid,
      place: "entries.0",
      code: "receipt_log_unknown",
    },
  ];
}

function orders({ whole, workflow }: RealPacks): Tampered[] {
  const cases: Tampered[] = [];
  for (const at of someOf(whole.entries.length - 1, 6)) {
    const [one, other] = [must(whole.entries[at], "an entry"), must(whole.entries[at + 1], "an entry")];
    const swapped = whole.entries.toSpliced(at, 2, other, one);
    cases.push({
      name: `swap entries ${at} and ${at + 1}`,
      text: JSON.stringify({ ...whole, entries: swapped }),
      place: `entries.${at}`,
    });
    cases.push({
      name: `swap and renumber entries ${at} and ${at + 1}`,
      text: JSON.stringify({ ...whole, entries: renumbered(swapped) }),
      place: `entries.${at}`,
    });
    const dropped = renumbered(whole.entries.filter((_, here) => here !== at));
    cases.push({
      name: `drop entry ${at} and renumber`,
      text: JSON.stringify({ ...whole, entries: dropped }),
      place: `entries.${at}`,
    });
  }
  cases.push({
    name: "turn the whole log round",
    text: JSON.stringify({ ...whole, entries: whole.entries.toReversed() }),
    place: "entries.0",
  });
  cases.push({ name: "no entries at all", text: JSON.stringify({ ...whole, entries: [] }), place: "entries.0" });
  const [first, ...rest] = workflow.entries;
  cases.push({
    name: "workflow: leave the log's identity out",
    text: JSON.stringify({ ...workflow, entries: rest }),
    place: "entries.0",
  });
  cases.push({
    name: "workflow: end with the first entry again",
    text: JSON.stringify({ ...workflow, entries: [...workflow.entries, first] }),
    place: `entries.${workflow.entries.length}`,
  });
  return cases;
}

/** The way from an entry to the root. */
function paths({ workflow, whole }: RealPacks): Tampered[] {
  const cases: Tampered[] = [];
  for (const at of someOf(workflow.entries.length - 1, 4)) {
    const path = must(workflow.entries[at], "an entry").path ?? [];
    const other = must(workflow.entries[at + 1], "an entry").path ?? [];
    const changed: readonly (readonly [string, readonly string[] | undefined])[] = [
      ["take the path of the next", other],
      ["leave out its path", undefined],
      ["cut its path", path.slice(0, -1)],
      ["lengthen its path", [...path, ...path.slice(0, 1)]],
      ["turn its path round", path.toReversed()],
      ["alter a node of its path", path.with(0, workflow.manifest.root)],
    ];
    for (const [name, nodes] of changed) {
      const entries = put(workflow.entries, at, ({ path: _path, ...entry }) =>
        nodes === undefined ? entry : { ...entry, path: [...nodes] },
      );
      cases.push({
        name: `workflow, entry ${at}: ${name}`,
        text: JSON.stringify({ ...workflow, entries }),
        place: `entries.${at}`,
        code: "receipt_proof_invalid",
      });
    }
  }
  const entries = put(whole.entries, 3, (entry) => ({ ...entry, path: [] }));
  cases.push({ name: "a path where none belongs", text: JSON.stringify({ ...whole, entries }), place: "entries.3" });
  return cases;
}
