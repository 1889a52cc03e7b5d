import { expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { systemClock } from "../base/system.ts";
import { RENEW_BEFORE_S } from "../engine/identity/renew.ts";
import { acted } from "./acting.fixture.ts";
import { besideOthers, trailOf } from "./domains/domains.fixture.ts";
import { runAcross } from "./domains/run-across.fixture.ts";
import { IDENTITY_LIFETIME_S, RENEWAL_EVERY_MS } from "./identity-renewal.ts";

const DAY_MS = 86_400_000;
const two = () =>
  runAcross([
    ["plan", "core.example", []],
    ["carry", "metro.example", ["plan"]],
  ]);

/** A clock that is set forward by hand, whose daily alarms ring by hand. */
function calendar() {
  let aheadMs = 0;
  let daily: (() => void)[] = [];
  return {
    clock: {
      ...systemClock,
      nowMs: () => systemClock.nowMs() + aheadMs,
      after: (ms: number, ring: () => void) => {
        if (ms !== RENEWAL_EVERY_MS) return systemClock.after(ms, ring);
        daily.push(ring);
        return () => {
          daily = daily.filter((one) => one !== ring);
        };
      },
    },
    forward: (days: number) => {
      aheadMs += days * DAY_MS;
    },
    ring: () => {
      for (const one of daily.splice(0)) one();
    },
  };
}

type Opened = Awaited<ReturnType<typeof besideOthers>>;

/** Whether metro hears core's gateway now. */
async function hears(open: Opened): Promise<string> {
  const { hosts } = await open.desk();
  const core = must(hosts.get("core.example"), "core").host;
  const metro = must(hosts.get("metro.example"), "metro").host.engine;
  const stored = must(await core.engine.read((_state, head) => head.root), "a root");
  const nowS = Math.floor(core.ports.clock.nowMs() / 1000);
  const claims = {
    ...{ iss: core.engine.ids.pepId, aud: [metro.ids.pepId], iat: nowS, exp: nowS + 600 },
    ...{ jti: "0195400c-0000-7000-8000-0000000000aa", stitch_id: "0195400c-0000-7000-8000-0000000000ab" },
    ...{ from: "core.example", to: "metro.example", lamport: 1, reg: [], level_min: 3, at_ms: nowS * 1000 },
    ...{ wid: "0195400c-0000-7000-8000-0000000000ac", log_head: stored },
    last: [{ jti: "0195400c-0000-7000-8000-0000000000ad", hash: stored }],
  };
  const received = await metro.receive(await core.engine.signAsPep("audit-handoff+jwt", claims));
  return received.ok ? "heard" : received.error.code;
}

/** By domain, the keys of its own gateway and of its peer's that its log has, in the order in which they came. */
async function gatewayKids(open: Opened): Promise<(readonly [own: string[], peer: string[]])[]> {
  const { hosts } = await open.desk();
  return Promise.all(
    hosts.all().map(({ host: { engine } }) =>
      engine.read((state) => {
        const keys = [...state.keys.values()];
        const own = keys.filter(({ subject }) => subject === engine.ids.pepId);
        const peer = keys.filter(({ use }) => use === "border");
        return [own.map(({ kid }) => kid), peer.map(({ kid }) => kid)] as const;
      }),
    ),
  );
}

/** The soonest end of any identity of a host's own parts or of a gateway it hears, in days. */
async function soonest(open: Opened, nowS: () => number): Promise<number> {
  const { hosts } = await open.desk();
  const engines = [open.host.engine, ...hosts.all().map(({ host }) => host.engine)];
  const ends = await Promise.all(
    engines.map((engine) =>
      engine.read((state) =>
        [...state.keys.values()]
          .filter(
            ({ subject, use }) => use === "border" || subject === engine.ids.pepId || subject === engine.ids.logId,
          )
          .map(({ exp }) => exp),
      ),
    ),
  );
  return Math.floor((Math.min(...ends.flat()) - nowS()) / 86_400);
}

it("[XDA-61] states the identities of gateways again a month before they end, and what was signed before verifies on", {
  timeout: 30_000,
}, async () => {
  const time = calendar();
  const open = await besideOthers(undefined, { clock: time.clock });
  const { wid } = await acted(open.client, two(), false);
  expect((await trailOf(open, wid)).crossings.map(({ state }) => state)).toEqual(["verified"]);
  const nowS = (): number => Math.floor(time.clock.nowMs() / 1000);
  const lifetime = Math.floor(IDENTITY_LIFETIME_S / 86_400);
  expect(await soonest(open, nowS)).toBeGreaterThan(lifetime - 2);

  // Nothing is stated twice while it is in force for longer; and a person enrols anew.
  const kids = await open.host.engine.read((state) =>
    [...state.keys.values()].map(({ kid, subject }) => [kid, subject.split("/")[3] ?? ""] as const),
  );
  const codeFor = async (part: string) => {
    const [kid] = must(
      kids.find(([, name]) => name === part),
      part,
    );
    const done = await open.host.engine.submit({ kind: "renew", kid, lifetimeS: 2 * IDENTITY_LIFETIME_S });
    return done.ok ? "renewed" : done.error.code;
  };
  expect([await codeFor("pep"), await codeFor("human")]).toEqual(["identity_in_force", "token_key_unknown"]);
  time.forward(300);
  time.ring();
  expect(await soonest(open, nowS)).toBeLessThan(60);
  time.forward(lifetime - 300 - RENEW_BEFORE_S / 86_400 + 2);
  // Their own first, then by whoever hears them: on one day or on the next.
  await expect
    .poll(
      async () => {
        time.ring();
        return soonest(open, nowS);
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(300);

  // Beyond the end of what was stated first.
  time.forward(40);
  expect(await hears(open)).toBe("heard");
  const { hosts } = await open.desk();
  for (const { host } of hosts.all()) {
    expect(JSON.stringify(await host.integrity.verify())).toContain('"firstBad":null');
  }
  expect((await trailOf(open, wid)).crossings.map(({ state }) => state)).toEqual(["verified"]);
  const { domains } = await open.client.domains.list();
  for (const { gatewayUntil } of domains) expect(must(gatewayUntil, "told")).toBeGreaterThan(nowS());
  open.host.close();
});

it("[XDA-61] gives gateways new keys when the console is opened after their identities ended, and what the old ones signed verifies on", {
  timeout: 30_000,
}, async () => {
  const time = calendar();
  const first = await besideOthers(undefined, { clock: time.clock });
  const { wid } = await acted(first.client, two(), false);
  await trailOf(first, wid);
  const before = await gatewayKids(first);
  time.forward(400);
  expect(await hears(first)).not.toBe("heard");
  expect((await first.client.domains.list()).domains.flatMap(({ policy }) => policy?.trusted ?? [])).toMatchObject([
    { of: "core.example", domain: "metro.example", basis: "asserted" },
    { of: "metro.example", domain: "core.example", basis: "asserted" },
  ]);
  first.host.close();
  const again = await besideOthers(undefined, { clock: time.clock }, first.storage);
  await expect.poll(async () => (await again.host.domains.desk()) !== null, { timeout: 20_000 }).toBe(true);
  expect(await hears(again)).toBe("heard");
  const after = await gatewayKids(again);
  // One more in each log, the peer's as the peer has it; and the old ones are there for what they signed.
  expect(after.map(([own]) => own)).toEqual(before.map(([own]) => [...(own ?? []), expect.any(String)]));
  expect(after[0]?.[0]).toEqual(after[1]?.[1]);
  expect(after[1]?.[0]).toEqual(after[0]?.[1]);
  for (const { host } of (await again.desk()).hosts.all())
    expect(JSON.stringify(await host.integrity.verify())).toContain('"firstBad":null');
  expect((await again.client.domains.list()).domains.flatMap(({ policy }) => policy?.trusted ?? [])).toMatchObject([
    { of: "core.example", domain: "metro.example", basis: "declared" },
    { of: "metro.example", domain: "core.example", basis: "declared" },
  ]);
  expect((await trailOf(again, wid)).crossings.map(({ state }) => state)).toEqual(["verified"]);
  again.host.close();
  // Once more with nothing due: the keys stay.
  const third = await besideOthers(undefined, { clock: time.clock }, first.storage);
  await expect.poll(async () => (await third.host.domains.desk()) !== null, { timeout: 20_000 }).toBe(true);
  expect(await gatewayKids(third)).toEqual(after);
  third.host.close();
});

it("[XDA-61] makes a gateway known to a domain that comes later for no longer than its own log stands by it", async () => {
  const time = calendar();
  const open = await besideOthers(undefined, { clock: time.clock });
  await acted(open.client, two(), false);
  const { hosts } = await open.desk();
  await expect.poll(() => hosts.get("core.example") !== undefined).toBe(true);
  time.forward(200);
  await hosts.ensure(["access.example"]);
  const endIn = async (domain: string) =>
    must(hosts.get(domain), domain).host.engine.read(
      (state) => [...state.keys.values()].find(({ subject }) => subject === "spiffe://core.example/pep")?.exp,
    );
  const own = must(await endIn("core.example"), "its own");
  // To the day: it is stated as a time from now on.
  expect(Math.abs(must(await endIn("access.example"), "as it is known there") - own)).toBeLessThan(86_400);
  open.host.close();
});
