import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { countersignProblem } from "../../protocol/audit/handoff.ts";
import type { HandoffClaims } from "../../protocol/audit/handoff-claims.ts";
import { acted } from "../acting.fixture.ts";
import { profileOf } from "./domain-profiles.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";
import { createTrailDesk } from "./trail-desk.ts";

/** What two handoffs of one task may have in common, and why it tells nothing of the task. Everything else differs. */
const IN_COMMON: Readonly<Record<string, string>> = {
  iss: "who sends it: both know with whom they speak",
  from: "the same",
  "aud.1": "the sender's own log, the same",
  iat: "when it was sent; a receiver sees when it comes",
  exp: "the same, ten minutes later",
  at_ms: "the same, by the millisecond",
  wid: "the workflow that both work for, and are asked for by name; it has many tasks",
  level_min: "one of three levels, the same for all that the sender hands on",
  "named_by.alg": "how names are made, the same for everybody",
};
/** Of the sender as a whole: the same in all it ever hands on. */
const OF_THE_SENDER = /^(?:reg|disclosure|border)\./;

function leaves(value: unknown, path: readonly string[] = []): (readonly [path: string, value: unknown])[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]))
    : [[path.join("."), value]];
}

/** A task of core's that rests on another domain's, and on which two domains rest. */
const fan = () =>
  runAcross([
    ["ask", "lab.example", []],
    ["plan", "core.example", ["ask"]],
    ["carry", "metro.example", ["plan"]],
    ["fit", "access.example", ["plan"]],
  ]);

it("[XDA-S3] [XDA-60] leaves two receivers of one task nothing to join it by, while each pair and the sender can verify it", async () => {
  const profile = (domain: string) => {
    const of = profileOf(domain);
    return { ...of, disclosure: { ...of.disclosure, pairwise: true } };
  };
  const open = await besideOthers(undefined, { domains: { profile } });
  const { wid } = await acted(open.client, fan(), false);
  const trail = await trailOf(open, wid);
  expect(trail.crossings.map(({ state, from, to }) => [state, from, to]).toSorted()).toEqual([
    ["verified", "core.example", "access.example"],
    ["verified", "core.example", "metro.example"],
    ["verified", "lab.example", "core.example"],
  ]);
  const { hosts } = await open.desk();
  const handoffs = ["metro.example", "access.example"].map((domain) => {
    const [crossing] = must(hosts.get(domain), domain).ledger.segment(wid).handoffs;
    return must(crossing, "what it got").claims;
  });
  const [metro, access] = handoffs.map((claims) => leaves(claims).filter(([path]) => !OF_THE_SENDER.test(path)));
  const joined = must(metro, "one").flatMap(([path, value]) =>
    must(access, "the other").flatMap(([other, theirs]) =>
      // Numbers are counted from small ones and tell something at their own place only; names and digests anywhere.
      value === theirs && (typeof value === "string" || path === other) && !(path === other && path in IN_COMMON)
        ? [`${path} = ${other}`]
        : [],
    ),
  );
  expect(joined).toEqual([]);
  // Nor is anything told from which the task could be looked up: its id, which can be guessed, or its record's digest.
  const core = must(hosts.get("core.example"), "core").ledger;
  const plan = core.segment(wid).entries.find(({ execAct }) => execAct === "build_site");
  for (const claims of handoffs)
    for (const known of [must(plan, "the task").jti, must(plan, "the task").digest])
      expect(JSON.stringify(claims)).not.toContain(known);

  for (const claims of handoffs) await verifiable(claims);
  async function verifiable(claims: HandoffClaims): Promise<void> {
    const { handoff, countersign, border } = must(core.crossing(claims.stitch_id), "in the sender's log too");
    expect(countersignProblem(must(countersign, "came back").claims, must(handoff, "was sent"))).toBeNull();
    const tasks = must(border, "the way out").pred.map((jti) => must(core.audit(wid, jti), "its own"));
    expect(await Promise.all(tasks.map((task) => hosts.pairKeys.nameAcross(claims, task)))).toEqual(claims.last);
  }
  // Who reads all logs and has no key of these pairs says neither that it fits nor that it does not.
  const keyless = createTrailDesk({
    hosts: { all: hosts.all, troubles: hosts.troubles, pairKeys: { nameAcross: async () => null } },
    clock: systemClock,
  });
  const { crossings } = await keyless.ends(null);
  expect(crossings.map(({ state, code }) => [state, code])).toEqual(crossings.map(() => ["uncompared", null]));
  expect(crossings).toHaveLength(3);
  open.host.close();
});
