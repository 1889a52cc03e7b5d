import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { acted } from "../acting.fixture.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { trustIn } from "./peer-trust.ts";
import { runAcross } from "./run-across.fixture.ts";

it("[XDA-62] tells a domain that a policy names from one whose key is only pinned, and from one that nothing vouches for", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  const open = await besideOthers(undefined, { clock });
  const run = runAcross([
    ["plan", "core.example", []],
    ["carry", "metro.example", ["plan"]],
    ["try", "lab.example", ["plan"]],
  ]);
  const { wid } = await acted(open.client, run, false);
  const { crossings } = await trailOf(open, wid);
  const { hosts } = await open.desk();
  const core = must(hosts.get("core.example"), "core");
  const bases = async () =>
    (await trustIn(core, ["metro.example", "lab.example", "nobody.example"])).map(({ basis, until }) => [
      basis,
      until !== null,
    ]);
  expect(await bases()).toEqual([
    ["declared", true],
    ["pinned", true],
    ["asserted", false],
  ]);
  const detailTo = async (domain: string) => {
    const found = must(
      crossings.find(({ to }) => to === domain),
      domain,
    );
    return (await open.client.domains.crossing({ stitchId: found.stitchId })).detail;
  };
  expect((await detailTo("lab.example")).trust.map(({ of, basis }) => [of, basis])).toEqual([
    ["lab.example", "pinned"],
    ["core.example", "pinned"],
  ]);
  expect((await detailTo("metro.example")).trust.map(({ of, basis }) => [of, basis])).toEqual([
    ["metro.example", "declared"],
    ["core.example", "declared"],
  ]);
  // With the identity the trust lapses: a policy that names a domain vouches for no key, and X1 is told as it would go now.
  aheadMs = 400 * 86_400_000;
  expect((await bases()).map(([basis]) => basis)).toEqual(["asserted", "asserted", "asserted"]);
  const lapsed = await detailTo("metro.example");
  expect(lapsed.steps[0]).toMatchObject({ result: "failed", code: "xd_untrusted_domain" });
  open.host.close();
});
