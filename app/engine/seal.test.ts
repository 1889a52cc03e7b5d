import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { SthClaims } from "../protocol/audit/claims.ts";
import { STH_TYPE } from "../protocol/audit/tree-head.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { ids } from "./engine.fixture.ts";
import { longLog } from "./long-log.fixture.ts";
import { recordDraft } from "./records.ts";
import { EMPTY_POSITION, sealFrame } from "./seal.ts";
import { initialState } from "./state.ts";

const WID = "0195400c-0000-7000-8000-00000000000a";

function claimsOf(head: string): SthClaims {
  const parsed = parseCompact(head);
  return STH_TYPE.schema.parse(parsed.ok ? parsed.value.payload : null);
}

describe("sealing frames", () => {
  it("[XA-11] signs a head whenever the newest is 60 s old, however the entries arrive", async () => {
    const log = await longLog(8);
    const gaps = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(gaps, async (arrivals) => {
        let position = EMPTY_POSITION;
        let nowS = 1_772_064_000;
        let newest = Number.NEGATIVE_INFINITY;
        for (const gap of arrivals) {
          nowS += gap;
          const draft = must(log.task()[0], "a draft");
          const sealed = await sealFrame(
            log.ports,
            position,
            [{ draft, seq: position.head.size }],
            nowS,
            initialState(),
          );
          position = sealed.position;
          const { sth } = sealed.frame;
          expect(sth !== undefined).toBe(nowS - newest >= 60);
          if (sth === undefined) continue;
          newest = nowS;
          expect(claimsOf(sth)).toMatchObject({
            iss: ids.logId,
            iat: nowS,
            tree_size: position.head.size,
            root: position.head.root,
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it("[COM-11] never seals a token of ours that nobody could read back", async () => {
    const log = await longLog(8);
    const moment = { nowS: 1_772_064_000, nowMs: 1_772_064_000_000, uuid: () => WID, sha256: log.ports.sha256 };
    const seal = (characters: number) => {
      const data = { text: "x".repeat(characters) };
      const draft = recordDraft(ids, moment, "rollback_planned", WID, { jti: WID }, data);
      return sealFrame(log.ports, EMPTY_POSITION, [{ draft, seq: 0 }], moment.nowS, initialState());
    };
    expect((await seal(11_500)).frame.entries).toHaveLength(1);
    await expect(seal(13_000)).rejects.toThrow("a record+jwt of ours fits a token");
  });
});
