import { digestOf, type Found, type PackWalk } from "./pack-walk.ts";
import { EVIDENCE_REQUEST_TYP } from "./request.ts";

/** Clocks of one host may be this far apart (COM-3), seconds. */
const SKEW_S = 30;

/** V4 step 7: what the manifest says of its own making: who asked for it and why, how many of what, and when. */
export function checkStatements(walk: PackWalk): Found | null {
  return checkRequest(walk) ?? checkCounts(walk) ?? checkTime(walk);
}

/** XA-33: the export is itself in the log, in the words of the person who asked for it. */
function checkRequest({ pack, notes, sha256 }: PackWalk): Found | null {
  const { request, exported_by, purpose, selection } = pack.manifest;
  const at = notes.findIndex(({ seq }) => seq === request.seq);
  const asked = notes[at];
  const bad = (member: string, detail: string): Found => ({
    ...{ seq: request.seq, code: "pack_request_mismatch", detail, place: `manifest.${member}`, question: "authentic" },
  });
  if (asked === undefined || asked.note.typ !== EVIDENCE_REQUEST_TYP)
    return bad("request", `entry ${request.seq} is not a request for this pack`);
  if (asked.note.jti !== request.jti || asked.digest() !== request.hash)
    return bad("request", `entry ${request.seq} is another request`);
  if (asked.note.iss !== exported_by) return bad("exported_by", "somebody else asked for it");
  if (asked.note.request?.purpose !== purpose) return bad("purpose", "it was asked for with another purpose");
  if (digestOf(asked.note.request.selection, sha256) !== digestOf(selection, sha256))
    return bad("selection", "something else was asked for");
  const kept = asked.note.request.redact.find((taken) => notes.some(({ seq }) => seq === taken));
  if (kept !== undefined) return bad("ranges", `entry ${kept}, which was to be taken out, is here`);
  return null;
}

function checkCounts({ pack, notes }: PackWalk): Found | null {
  for (const [part, count] of Object.entries(pack.manifest.counts).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const held = pack[part as keyof typeof pack.manifest.counts]; // the keys of counts name parts of the pack
    const actual = Array.isArray(held) ? held.length : Object.keys(held).length;
    if (actual === count) continue;
    const detail = `the manifest counts ${count} ${part}; the pack has ${actual}`;
    return {
      ...{ seq: notes.length, code: "pack_manifest_mismatch", detail, place: "manifest.counts", question: "complete" },
    };
  }
  return null;
}

function checkTime({ pack, notes, lastAt }: PackWalk): Found | null {
  if (pack.manifest.exported_at >= lastAt - SKEW_S) return null;
  const detail = "it says it was made before its last entry was received";
  return { seq: notes.length, code: "log_time_order", detail, place: "manifest.exported_at", question: "plausible" };
}
