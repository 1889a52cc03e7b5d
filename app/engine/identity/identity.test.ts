import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { ROLES } from "../../protocol/identity/roles.ts";
import { generateSigner, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { Command, Draft } from "../command.ts";
import { decide } from "../decide.ts";
import { alice, type Bench, ids, sha256, startedWorkflow } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import { initialState, type State } from "../state.ts";
import { callOffProblem } from "./called-off.ts";
import { decisionRoleProblem, holdsRole, rolesOf } from "./roles.ts";

const START_S = 1_772_064_000;
const bob = "spiffe://console.local/human/bob";
const carol = "spiffe://console.local/human/carol";

/** Somebody enrolled later than Alice, who is the log's first operator. */
async function enrol(bench: Bench, subject: string): Promise<Signer> {
  const { signer, jwk } = await generateSigner();
  const enrolled = { kind: "enrol", subject, name: subject, jwk, kid: signer.kid, lifetimeS: 86_400 } as const;
  must((await bench.engine.submit(enrolled)).ok || null, "it is enrolled");
  return signer;
}

async function grant(
  bench: Bench,
  by: { readonly iss: string; readonly signer: Signer },
  sub: string,
  roles: readonly string[],
  change: object = {},
): Promise<string> {
  const nowS = Math.floor(bench.clock.nowMs() / 1000);
  const token = await signToken(
    "role-statement+jwt",
    {
      iss: by.iss,
      aud: ids.logId,
      sub,
      roles,
      iat: nowS,
      exp: nowS + 3600,
      jti: v4(),
      auth_time: nowS,
      amr: ["hwk", "user"],
      ...change,
    },
    by.signer,
  );
  const answer = await bench.submit(token);
  return answer.ok ? "granted" : answer.error.code;
}

const nowS = (bench: Bench): number => Math.floor(bench.clock.nowMs() / 1000);
const roles = (bench: Bench, subject: string): Promise<readonly string[]> =>
  bench.engine.read((state) => [...rolesOf(state, subject, nowS(bench))]);

/** A release of a stop that is in force. */
async function release(bench: Bench, iss: string, signer: Signer, seq: number): Promise<string> {
  const of = await bench.engine.read((state) => [...state.overrides.keys()].at(-1));
  const at = nowS(bench);
  const token = await signToken(
    "override+jwt",
    {
      iss,
      aud: [ids.pepId],
      iat: at,
      exp: at + 300,
      jti: v4(),
      ovr_ver: 1,
      level: "mandatory",
      action: "release",
      scope: { kind: "domain", id: "console.local" },
      params: { of },
      seq,
      deadline_ms: 10_000,
      reason: "checked",
      auth_time: at,
      amr: ["hwk", "user"],
      role: "operator",
    },
    signer,
  );
  const answer = await bench.submit(token);
  return answer.ok ? "released" : answer.error.code;
}

describe("roles by signed statements", () => {
  it("[COM-15] gives the first operator of an empty log all roles, by a statement of the log, and later ones none but viewer", async () => {
    const bench = await startedWorkflow(START_S);
    await enrol(bench, bob);
    expect(await roles(bench, alice)).toEqual(ROLES);
    expect(await roles(bench, bob)).toEqual(["viewer"]);
    expect(await bench.engine.read((state) => state.roles.get(alice)?.by)).toBe(ids.logId);
    const again = await bench.reopen();
    expect(await again.read((state) => rolesOf(state, bob, START_S))).toEqual(["viewer"]);
  });

  it("[COM-16] takes what a safety officer says, until it ends or a newer statement withdraws it", async () => {
    const bench = await startedWorkflow(START_S);
    const officer = { iss: alice, signer: bench.operator };
    await enrol(bench, bob);
    expect(await grant(bench, officer, bob, ["approver", "finance"])).toBe("granted");
    expect(await roles(bench, bob)).toEqual(["approver", "finance"]);
    expect(await grant(bench, officer, bob, ["finance"])).toBe("granted");
    expect(await roles(bench, bob)).toEqual(["finance"]);
    bench.clock.advance(3601);
    expect(await roles(bench, bob)).toEqual(["viewer"]);
  });

  it("[COM-17] lets nobody else grant, nobody widen their own roles beside another officer, and keeps the last officer", async () => {
    const bench = await startedWorkflow(START_S);
    const officer = { iss: alice, signer: bench.operator };
    const signer = await enrol(bench, bob);
    expect(await grant(bench, { iss: bob, signer }, bob, ["operator"])).toBe("role_unauthorized");
    expect(await grant(bench, officer, carol, ["operator"])).toBe("role_subject_unknown");
    expect(await grant(bench, officer, alice, ["operator"])).toBe("role_last_safety_officer");
    expect(await grant(bench, officer, alice, ["operator", "safety_officer", "surgeon"])).toBe("granted");
    expect(await grant(bench, officer, bob, ["safety_officer"])).toBe("granted");
    expect(await grant(bench, { iss: bob, signer }, bob, ["safety_officer", "operator"])).toBe("role_self_grant");
    expect(await grant(bench, { iss: bob, signer }, alice, ["operator"])).toBe("granted");
    expect(await grant(bench, { iss: bob, signer }, bob, [])).toBe("role_last_safety_officer");
  });

  it("[COM-14] [COM-17] [INV-2] asks for a fresh authentication of the officer, and takes no statement for another log or twice", async () => {
    const bench = await startedWorkflow(START_S);
    const officer = { iss: alice, signer: bench.operator };
    await enrol(bench, bob);
    expect(await grant(bench, officer, bob, ["operator"], { auth_time: START_S - 901 })).toBe("role_auth_stale");
    expect(await grant(bench, officer, bob, ["operator"], { auth_time: undefined })).toBe("role_auth_stale");
    expect(await grant(bench, officer, bob, ["operator"], { aud: "spiffe://other/log" })).toBe(
      "token_audience_mismatch",
    );
    const jti = v4();
    expect(await grant(bench, officer, bob, ["operator"], { jti })).toBe("granted");
    expect(await grant(bench, officer, bob, ["operator"], { jti })).toBe("token_replayed");
  });

  it("[COM-18] tells the gate who holds the role a decision is given in, with the reason", async () => {
    const bench = await startedWorkflow(START_S);
    await enrol(bench, bob);
    await grant(bench, { iss: alice, signer: bench.operator }, bob, ["auditor"]);
    const problem = await bench.engine.read((state) => decisionRoleProblem(state, bob, "approver", START_S));
    expect(problem).toMatchObject({ code: "hitl_role_denied", claim: "role" });
    expect(problem?.detail).toBe(`this decision needs the role approver; ${bob} holds auditor`);
    expect(await bench.engine.read((state) => decisionRoleProblem(state, alice, "approver", START_S))).toBeNull();
  });

  it("[COM-18] [OVR-S1] [OVR-11] halts by a stop of somebody who may not stop, and says what was wrong with it", async () => {
    const bench = await startedWorkflow(START_S);
    const signer = await enrol(bench, bob);
    await grant(bench, { iss: alice, signer: bench.operator }, bob, ["auditor"]);
    const claims = JSON.parse(atob((await bench.stop({ iss: bob })).split(".")[1] ?? ""));
    expect((await bench.submit(await signToken("override+jwt", claims, signer))).ok).toBe(true);
    const held = await bench.engine.read((state) => [...state.overrides.values()].at(-1));
    expect(held).toMatchObject({ latched: true, code: "override_unauthorized" });
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.status)).toBe("stopped");
    expect(await release(bench, bob, signer, 2)).toBe("override_unauthorized");
    await grant(bench, { iss: alice, signer: bench.operator }, bob, ["duty_manager"]);
    expect(await release(bench, bob, signer, 3)).toBe("released");
  });
});

describe("keys for stops only", () => {
  it("[COM-19] stop, and sign nothing else", async () => {
    const bench = await startedWorkflow(START_S);
    const [own, stop] = [await generateSigner(), await generateSigner()];
    const enrolled = { kind: "enrol", subject: bob, name: "Bob", jwk: own.jwk, kid: own.signer.kid, lifetimeS: 86_400 };
    await bench.engine.submit({ ...enrolled, stop: { jwk: stop.jwk, kid: stop.signer.kid } } as Command);
    await grant(bench, { iss: alice, signer: bench.operator }, bob, ["operator", "safety_officer"]);
    const claims = JSON.parse(atob((await bench.stop({ iss: bob })).split(".")[1] ?? ""));
    expect((await bench.submit(await signToken("override+jwt", claims, stop.signer))).ok).toBe(true);
    expect(await bench.engine.read((state) => [...state.overrides.values()].at(-1)?.code)).toBeNull();
    expect(await release(bench, bob, stop.signer, 5)).toBe("token_key_restricted");
    expect(await grant(bench, { iss: bob, signer: stop.signer }, carol, ["operator"])).toBe("token_key_restricted");
    expect(await release(bench, bob, own.signer, 6)).toBe("released");
  });

  it("[COM-20] are replaced together with the person's own, by whom the earlier key vouches; the earlier ones end", async () => {
    const bench = await startedWorkflow(START_S);
    const next = await generateSigner();
    const command = {
      kind: "enrol",
      subject: alice,
      name: "Alice",
      jwk: next.jwk,
      kid: next.signer.kid,
      lifetimeS: 60,
    };
    const taken = await bench.engine.submit(command as Command);
    expect(taken).toMatchObject({ ok: false, error: { code: "subject_taken" } });
    const foreign = await bench.engine.submit({ ...command, replaces: bench.agent.kid } as Command);
    expect(foreign).toMatchObject({ ok: false, error: { code: "token_key_unknown" } });
    expect((await bench.engine.submit({ ...command, replaces: bench.operator.kid } as Command)).ok).toBe(true);
    bench.clock.advance(2);
    expect(await bench.submit(await bench.stop())).toMatchObject({ ok: false, error: { code: "token_key_revoked" } });
    expect(await roles(bench, alice)).toEqual(ROLES);
  });
});

it("[BEH-68] who calls off what is only a rehearsal or a measure holds a key that still signs, and may stop", async () => {
  const bench = await startedWorkflow();
  await enrol(bench, bob);
  const nowS = Math.floor(bench.clock.nowMs() / 1000);
  const untilS = await bench.engine.read(({ keys }) => keys.get(bench.operator.kid)?.exp ?? 0);
  const problem = (by: string, atS: number) =>
    bench.engine.read((state) => callOffProblem(state, by, atS, "bench_unauthorized")?.code ?? null);
  expect(await problem(alice, nowS)).toBeNull();
  expect(await problem(bob, nowS)).toBe("bench_unauthorized");
  expect(await problem(carol, nowS)).toBe("role_subject_unknown");
  expect(await problem(alice, untilS)).toBe("role_subject_unknown");
});

describe("a log from before there were roles", () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) } as const;
  let made = 0;
  const moment = {
    nowS: START_S,
    nowMs: START_S * 1000,
    uuid: () => `0195400c-0000-7000-8000-${String(++made).padStart(12, "0")}`,
    sha256,
  };

  function enrolled(state: State, subject: string): void {
    const kid = `key of ${subject}`;
    evolve(state, {
      seq: state.size,
      receivedAt: START_S,
      digest: "",
      fact: {
        typ: "wit+jwt",
        claims: {
          iss: ids.logId,
          sub: subject,
          iat: START_S,
          exp: START_S + 3600,
          jti: v4(),
          cnf: { jwk: { ...jwk, kid } },
        },
      },
    });
  }

  function fold(state: State, drafts: readonly Draft[]): void {
    for (const { fact } of drafts) evolve(state, { seq: state.size, receivedAt: START_S, digest: "", fact });
  }

  it("[COM-15] lets everybody enrolled do everything, in any role a policy names", () => {
    const state = initialState();
    enrolled(state, alice);
    enrolled(state, bob);
    expect(rolesOf(state, bob, START_S)).toEqual(ROLES);
    expect(holdsRole(state, bob, "surgeon", START_S)).toBe(true);
    expect(holdsRole(state, "spiffe://console.local/agent/w/a", "operator", START_S)).toBe(false);
  });

  it("[COM-15] states what everybody had before somebody new comes, who begins as a viewer", () => {
    const state = initialState();
    enrolled(state, alice);
    enrolled(state, bob);
    const command = {
      kind: "enrol",
      subject: carol,
      name: "Carol",
      jwk: { ...jwk, kid: "c" },
      kid: "c",
      lifetimeS: 60,
    };
    const decided = decide(state, command as Command, ids, moment);
    const drafts = must(decided.ok ? decided.value : null, "it is taken");
    expect(drafts.map(({ fact }) => fact.typ)).toEqual(["role-statement+jwt", "role-statement+jwt", "wit+jwt"]);
    fold(state, drafts);
    expect([alice, bob, carol].map((who) => rolesOf(state, who, START_S).length)).toEqual([
      ROLES.length,
      ROLES.length,
      1,
    ]);
  });
});
