import { expect, it } from "vitest";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { createSha256 } from "../jose/hasher.ts";
import { rootOf } from "../merkle/tree.ts";
import { type PackInput, type PackNote, packNote, planPack } from "./build-pack.ts";

const ENTRIES = 3000;

it("[XA-30] planning a pack of a long log stops often, and comes to the log's root", async () => {
  const sha256 = await createSha256();
  let hashes = 0;
  const notes: PackNote[] = Array.from({ length: ENTRIES }, (_, seq) => {
    const leaf = toBase64url(sha256(utf8(String(seq))));
    return packNote({ seq, token: "a.b.c", received_at: 0, submitter: "urn:x", leaf }, sha256);
  });
  const input: PackInput = {
    ...{ logId: "urn:log", domain: "a.example", notes, heads: [], anchors: [], objects: new Map(), nowS: 0, jti: "x" },
    request: {
      ...{ seq: 0, hash: "" },
      claims: {
        ...{ iss: "urn:x", aud: "urn:y", iat: 0, exp: 1, jti: "r", purpose: "Review", leave_out: [] },
        ...{ role: "viewer", auth_time: 0, amr: ["swk"], selection: { kind: "all" } },
      },
    },
    selected: () => true,
    sha256: (bytes) => {
      hashes += 1;
      return sha256(bytes);
    },
  };
  const work = planPack(input);
  const slices: number[] = [];
  let step = work.next();
  for (; step.done !== true; step = work.next()) {
    slices.push(hashes);
    hashes = 0;
  }
  expect(slices.length).toBeGreaterThan(ENTRIES / 512);
  expect(Math.max(...slices, hashes)).toBeLessThan(1024);
  const root = rootOf(
    notes.map(({ leaf }) => leaf),
    sha256,
  );
  expect(step.value.pack.manifest.root).toBe(toBase64url(root));
  expect(step.value.pack.manifest.leaves).toEqual(notes.map(({ leaf }) => toBase64url(leaf)));
});
