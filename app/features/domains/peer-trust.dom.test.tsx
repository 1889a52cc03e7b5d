import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { PeerTrustView } from "../../api/contract/domains.ts";
import { GatewayUntil, TrustMark, TrustUntil } from "./peer-trust.tsx";

afterEach(cleanup);

const BASES: readonly PeerTrustView["basis"][] = ["declared", "pinned", "asserted"];
const trust = (basis: PeerTrustView["basis"], until: number | null = 1_803_600_000): PeerTrustView => ({
  ...{ of: "core.example", domain: "metro.example", basis, until },
});

it("[XDA-62] gives each basis of trust words and a shape of its own, and only what a policy names looks good", () => {
  const looks = BASES.map((basis) => {
    const { container } = render(<TrustMark trust={trust(basis)} />);
    return [container.textContent, container.querySelector("svg")?.innerHTML ?? container.innerHTML];
  });
  expect(looks.map(([words]) => words)).toEqual([
    "declared by its policy, key pinned",
    "key pinned, named by no policy",
    "only asserted",
  ]);
  expect(new Set(looks.map(([, shape]) => shape)).size).toBe(3);
  const untils = [trust("pinned"), trust("asserted"), trust("asserted", null)].map(
    (one) => render(<TrustUntil trust={one} />).container.textContent,
  );
  expect(untils[0]).toMatch(/^identity in force until /);
  expect(untils[1]).toMatch(/^the identity in the log lapsed on /);
  expect(untils[2]).toBe("no key of its gateway is in the log");
});

it("[XDA-61] tells of an identity that was not renewed before it ends", () => {
  const untilS = 1_803_600_000;
  const at = (days: number) => render(<GatewayUntil untilS={untilS} nowMs={(untilS - days * 86_400) * 1000} />);
  at(31);
  expect(screen.getByText(/^identity until/)).toBeInTheDocument();
  cleanup();
  at(12);
  expect(screen.getByText("its identity was not renewed and ends in 12 days")).toBeInTheDocument();
  cleanup();
  at(0.5);
  expect(screen.getByText("its identity was not renewed and ends within a day")).toBeInTheDocument();
  cleanup();
  at(-1);
  expect(screen.getByText("its identity has lapsed: nobody hears it")).toBeInTheDocument();
});
