import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Attention } from "../../engine/attention/account.ts";
import { openedHost } from "../../host/host.fixture.ts";
import type { Host } from "../../host/open-host.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { viewFacts, viewsOf } from "./attention-book.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";

const nowS = (): number => Math.floor(Date.now() / 1000);
const DAY = { hours: 24 } as const;

/** What somebody was shown, in the form that the console signs for. */
const VIEW = {
  view_ver: 3,
  args_shown: { form: "fields", characters: 600, characters_shown: 600 },
  agents_words: null,
  alternatives: [],
};

describe("attention, measured over a host", () => {
  let client: TestClient;
  let close: () => void;
  let sizeBefore: number;
  const people: Record<string, Awaited<ReturnType<typeof enrolledOperator>>> = {};
  const who = (name: string) => must(people[name], name);

  beforeAll(async () => {
    const opened = await openedHost();
    client = opened.client;
    close = () => opened.host.close();
    people.alice = await enrolledOperator(client, "Alice");
    for (const [name, roles] of [
      ["ben", ["operator"]],
      ["cara", ["operator"]],
      ["dora", ["auditor"]],
    ] as const)
      people[name] = await enrolledOperator(client, name, roles);
    const { wid } = await who("alice").start(smallRun("First"));
    const row = await until(client, async () => (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null);
    sizeBefore = (await client.host.status()).position.size;
    const text = canonicalText(VIEW);
    const hash = toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text.ok ? text.value : ""))));
    // The fixture keeps a flat view; this one has members.
    const view = VIEW as unknown as Record<string, string>;
    await who("ben").decide(row.request, "reject", { view: { hash, shown_at: nowS() - 2 } }, view);
    const again = await who("alice").start(smallRun("Second"));
    const next = await until(
      client,
      async () => (await client.gate.queue({ wid: again.wid, state: "pending" })).rows[0] ?? null,
    );
    await who("cara").decide(next.request, "reject", { view: { hash: "A".repeat(43), shown_at: nowS() - 60 } });
  });
  afterAll(() => close());

  it("[A1] [A11] [R7] counts what the log says was asked and answered, and tells no rate of two", async () => {
    const told = await client.attention.overview(DAY);
    expect(told).toMatchObject({
      demands: 2,
      lastHour: { demands: 2, operators: 3 },
      floodCount: 0,
      floodS: 0,
      waiting: 0,
      staleCount: 0,
      shelf: [],
      answered: { settled: 2, expired: { n: 0, of: 2, rate: null } },
      all: { decisions: 2, looks: 2, approvals: { n: 0, of: 2, rate: null } },
      classes: [{ action: "deploy_site", decisions: 2, isProposed: false }],
      classCount: 1,
    });
    expect(told.hours).toHaveLength(24);
    expect(told.hours.at(-1)).toMatchObject({ demands: 2 });
    expect(told.priorities.map(({ priority, share }) => [priority, share.n])).toEqual([
      ["low", 0],
      ["medium", 2],
      ["high", 0],
    ]);
  });

  it("[A12] [A1] says of the last hour how much is asked of each, and what asks for most of it", async () => {
    const { lastHour, most } = await client.attention.now();
    expect(lastHour).toEqual((await client.attention.overview(DAY)).lastHour);
    expect(most).toMatchObject({ count: 1, demand: { kind: "request", about: "deploy_site" } });
    expect((await client.attention.now({ at: sizeBefore })).lastHour.demands).toBe(1);
  });

  it("[A1] is that of then, as of an entry of the past", async () => {
    const then = await client.attention.overview({ ...DAY, at: sizeBefore });
    expect(then).toMatchObject({ demands: 1, waiting: 1, all: { decisions: 0 }, position: { size: sizeBefore } });
    const { people: told } = await client.attention.people({ ...DAY, at: sizeBefore, reader: who("alice").subject });
    expect(told).toEqual([]);
  });

  it("[R1] [R11] takes from the view that was signed for what there was to read", async () => {
    const { people: told } = await client.attention.people({ ...DAY, reader: who("alice").subject });
    const ben = told.find((one) => one.who === who("ben").subject);
    expect(ben).toMatchObject({
      leastReadingS: 10.5,
      tooFast: { n: 1, of: 1, rate: null },
      readWhole: { n: 1, of: 1 },
    });
    const cara = told.find((one) => one.who === who("cara").subject);
    expect(cara).toMatchObject({ tooFast: { n: 0, of: 1 }, readWhole: { of: 0 }, ownTooFast: null });
  });

  it("[R12] tells people's figures to themselves, and all to those whose business they are, by the roles of now", async () => {
    const seenBy = async (reader: string) => {
      const { isAll, people: told } = await client.attention.people({ ...DAY, reader });
      return [isAll, told.map((one) => one.who).toSorted()];
    };
    const both = [who("ben").subject, who("cara").subject].toSorted();
    expect(await seenBy(who("alice").subject)).toEqual([true, both]);
    expect(await seenBy(who("dora").subject)).toEqual([true, both]);
    expect(await seenBy(who("ben").subject)).toEqual([false, [who("ben").subject]]);
    expect(await seenBy("spiffe://console.local/human/nobody")).toEqual([false, []]);
    const past = await client.attention.people({ ...DAY, at: sizeBefore, reader: who("ben").subject });
    expect(past.isAll).toBe(false);
  });
});

it("[R11] asks the storage once for a view that was not kept, and again while it may still be on its way", async () => {
  const asked: string[] = [];
  const clock = { nowMs: () => 10_000_000 };
  const values = { get: async (name: string) => ({ ok: true, value: void asked.push(name) }) };
  // Only what is looked at.
  const host = { ports: { storage: { values }, clock }, engine: { ids: { domain: "d" } } } as unknown as Host;
  const decisions = [
    { at: 1000, view: "old" },
    { at: 9999, view: "new" },
    { at: 1000, view: null },
  ];
  const attention = { decisions } as unknown as Attention; // As above.
  for (let time = 0; time < 3; time += 1) expect((await viewsOf(host, attention, 0)).size).toBe(0);
  expect(asked.toSorted()).toEqual(["view/new", "view/new", "view/new", "view/old"]);
});

it("[R11] reads a view of one by itself, of one of a batch, and none of another form", () => {
  expect(viewFacts({ ...VIEW, agents_words: "I am sure", alternatives: ["no"] })).toEqual({
    characters: 611,
    isWhole: true,
    batch: 1,
  });
  const part = { form: "fields", characters: 600, characters_shown: 100 };
  expect(viewFacts({ ...VIEW, args_shown: part })).toEqual({ characters: 100, isWhole: false, batch: 1 });
  const batch = { members: ["a", "b", "c"], opened: [], differs: [["to", "x"]], same: 4 };
  expect(viewFacts({ batch, whole: null })).toEqual({ characters: 12, isWhole: false, batch: 3 });
  expect(viewFacts({ batch, whole: VIEW })).toEqual({ characters: 600, isWhole: true, batch: 3 });
  expect(viewFacts({ view_ver: 9 })).toBeNull();
  expect(viewFacts("x")).toBeNull();
});
