import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { EctClaims } from "../ect/claims.ts";
import { claimsOf, createVerifier, identityOf, PLANNER, taskId } from "../ect/ect.fixture.ts";
import { writeEct } from "../ect/write-ect.ts";
import {
  type Checkpoint,
  type CheckpointExt,
  checkDeclaredUndo,
  checkpointExt,
  coversResource,
  overlaps,
  placesOf,
  readCheckpoint,
} from "./checkpoint.ts";
import { accepted, codeOf, HASH, NOW_S } from "./rollback.fixture.ts";

const EXT: CheckpointExt = {
  ckpt_id: taskId(0xc1),
  ckpt_scope: ["https://store.example/orders/"],
  ckpt_hash: HASH,
  ckpt_store: "urn:store:one",
  ckpt_expires: NOW_S + 3600,
  undo: "automatic",
  undo_deadline_s: 900,
  undo_cost: "12.50",
};

function claims(ext: object = {}, change: object = {}): EctClaims {
  // The fixture's claims are those of an ECT under whatever change a test makes.
  return claimsOf(1, { exec_act: "checkpoint_create", ect_ext: { ...EXT, ...ext }, ...change }) as EctClaims;
}

describe("a checkpoint", () => {
  it("[CAS-10] is an ECT like any other: written, verified and read back", async () => {
    const identity = await identityOf(PLANNER);
    const token = accepted(await writeEct(claims(accepted(checkpointExt(EXT))), identity.signer));
    const { accept } = createVerifier([identity.key]);
    const ect = await accept(token);
    expect(accepted(readCheckpoint(ect.claims))).toEqual({
      ckptId: EXT.ckpt_id,
      agent: PLANNER,
      scope: EXT.ckpt_scope,
      hash: HASH,
      store: "urn:store:one",
      undo: "automatic",
      cost: "12.50",
      usableUntilS: ect.claims.iat + 900,
      madeAfter: null,
    });
  });

  it("[CAS-21] ends with its expiry or its undo deadline, whichever is first", () => {
    const { iat } = claims();
    const until = (ext: object): number => accepted(readCheckpoint(claims(ext))).usableUntilS;
    expect(until({ ckpt_expires: iat + 100 })).toBe(iat + 100);
    expect(until({ undo_deadline_s: 50 })).toBe(iat + 50);
  });

  it.each([
    ["no scope", { ckpt_scope: [] }],
    ["a scope by a detour", { ckpt_scope: ["https://store.example/orders/../all"] }],
    ["a scope that is no URI", { ckpt_scope: ["orders"] }],
    ["no digest", { ckpt_hash: "sha-256:x" }],
    ["a way to undo that nobody knows", { undo: "maybe" }],
    ["a cost with an exponent", { undo_cost: "1e9" }],
    ["a negative cost", { undo_cost: "-1" }],
    ["an end before its beginning", { ckpt_expires: claims().iat }],
    ["no deadline", { undo_deadline_s: 0 }],
  ])("[CAS-10] is refused with %s", (_, ext) => {
    expect(codeOf(readCheckpoint(claims(ext)))).toBe("checkpoint_invalid");
  });

  it("[CAS-10] is one by its act and names whom to ask and what made its state", () => {
    expect(codeOf(readCheckpoint(claims({}, { exec_act: "work" })))).toBe("checkpoint_invalid");
    expect(codeOf(readCheckpoint(claims({}, { pred: [taskId(2), taskId(3)] })))).toBe("checkpoint_invalid");
    expect(accepted(readCheckpoint(claims({}, { pred: [taskId(2)] }))).madeAfter).toBe(taskId(2));
    const { iss: _, ...anonymous } = claims();
    expect(codeOf(readCheckpoint(anonymous))).toBe("checkpoint_invalid");
  });
});

describe("before a consequential action", () => {
  const ckpt = (ext: object = {}): Checkpoint => accepted(readCheckpoint(claims(ext)));
  const action = { effect: true, resources: ["https://store.example/orders/7"], undo: null };
  const atS = must(claims().iat, "a time") + 10;

  it("[CAS-10] [CAS-11] there is a checkpoint that covers it, or the word that it cannot be undone", () => {
    expect(codeOf(checkDeclaredUndo(action, [ckpt()], atS))).toBe("ok");
    expect(codeOf(checkDeclaredUndo({ ...action, undo: "impossible" }, [], atS))).toBe("ok");
    expect(codeOf(checkDeclaredUndo({ ...action, effect: false }, [], atS))).toBe("ok");
    expect(codeOf(checkDeclaredUndo(action, [], atS))).toBe("checkpoint_missing");
    expect(codeOf(checkDeclaredUndo({ ...action, resources: [] }, [ckpt()], atS))).toBe("checkpoint_missing");
    const elsewhere = ckpt({ ckpt_scope: ["https://store.example/orders/8"] });
    expect(codeOf(checkDeclaredUndo(action, [elsewhere], atS))).toBe("checkpoint_missing");
  });

  it("[CAS-11] [CAS-21] one that is over, or that says it cannot be undone, is none", () => {
    expect(codeOf(checkDeclaredUndo(action, [ckpt()], atS + 900))).toBe("checkpoint_missing");
    expect(codeOf(checkDeclaredUndo(action, [ckpt({ undo: "impossible" })], atS))).toBe("checkpoint_missing");
  });
});

describe("a scope", () => {
  it("covers what it names and what lies in it, by whole segments", () => {
    const covers = (entry: string, name: string): boolean => coversResource([entry], name);
    expect(covers("https://h/a", "https://h/a")).toBe(true);
    expect(covers("https://h/a/", "https://h/a")).toBe(true);
    expect(covers("https://h/a", "https://h/a/b/c")).toBe(true);
    expect(covers("https://h/a", "https://h/a?x=/b")).toBe(true);
    expect(covers("https://h", "https://h/a")).toBe(true);
    expect(covers("https://h/a", "https://h/ab")).toBe(false);
    expect(covers("https://h/a/b", "https://h/a")).toBe(false);
    expect(covers("https://h/a", "https://hh/a")).toBe(false);
    expect(covers("file:///srv", "file:///srv/x")).toBe(true);
    expect(covers("urn:a:b", "urn:a:b")).toBe(true);
    expect(covers("urn:a", "urn:a:b")).toBe(false);
    expect(overlaps("https://h/a", "https://h/a/b") && overlaps("https://h/a/b", "https://h/a")).toBe(true);
    expect(overlaps("https://h/a", "https://h/b")).toBe(false);
  });

  it("lists a resource and everything above it once", () => {
    expect(placesOf("https://h/a/b?q=1/2")).toEqual([
      "https://h/a/b?q=1/2",
      "https://h/a/b",
      "https://h/a",
      "https://h",
    ]);
    expect(placesOf("https://h/")).toEqual(["https://h"]);
    expect(placesOf("file:///a")).toEqual(["file:///a", "file://"]);
  });
});
