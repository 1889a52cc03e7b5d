import type { Sha256 } from "../../base/ports.ts";
import type { CheckEnded } from "../audit/entry-check.ts";
import { createTokenWalk } from "../audit/token-walk.ts";
import type { Answer, FirstBad, Question } from "../audit/verify-log.ts";
import { checkAnchors } from "./check-anchors.ts";
import { checkEntries } from "./check-entries.ts";
import { checkHeads, checkProofs } from "./check-heads.ts";
import { checkParts } from "./check-parts.ts";
import { checkSeal } from "./check-seal.ts";
import { checkStatements } from "./check-statements.ts";
import type { EvidencePack } from "./claims.ts";
import { type Found, ownIdsOf, type PackOptions, type PackWalk } from "./pack-walk.ts";
import { packText, readPack } from "./read-pack.ts";
import { takenOut } from "./rows.ts";

/** XA-20 of a pack: five separate answers and the first bad place. */
export interface PackReport {
  readonly logId: string;
  /** Thumbprint of the key that everything rests on: the reader compares it with what they know of the log. */
  readonly logKey: string;
  /** Entries that are here and were found good, of so many in the log. */
  readonly checked: number;
  readonly entries: number;
  readonly treeSize: number;
  readonly root: string;
  readonly authentic: Answer;
  readonly included: Answer;
  readonly consistent: Answer;
  readonly complete: Answer;
  readonly plausible: Answer;
  /** Entries that were received long after they say they were made, the first hundred: to be looked at, not refused (XA-S3). */
  readonly backdated: readonly number[];
  readonly firstBad: FirstBad | null;
  /** Why it came to no end, or null. Then no question is answered, and nothing is said of the pack. */
  readonly unfinished: CheckEnded | null;
}

/** A pack with what was found about it; null where the file is none. */
export interface VerifiedPack {
  readonly pack: EvidencePack | null;
  readonly report: PackReport;
}

/** V4 over a file, the page or its document: steps in order, the first that fails ends it (execution-audit.md, Evidence pack). */
export async function verifyPack(file: string, sha256: Sha256, options: PackOptions = {}): Promise<VerifiedPack> {
  const read = readPack(packText(file));
  if (read.ok) return { pack: read.value, report: await verifyReadPack(read.value, sha256, options) };
  const { code, detail, claim = "$" } = read.error;
  return { pack: null, report: unreadable({ seq: 0, code, detail, place: claim }) };
}

async function verifyReadPack(pack: EvidencePack, sha256: Sha256, options: PackOptions = {}): Promise<PackReport> {
  const { log_id: logId, domain } = pack.manifest;
  const walk: PackWalk = {
    ...{ pack, sha256, options },
    notes: [],
    logKey: null,
    tokens: createTokenWalk({ logId, ownIds: ownIdsOf(logId, domain), sha256 }),
    ...{ lastAt: 0, uncompared: 0, unfinished: null },
  };
  const found = (await checkSeal(walk)) ?? (await checkEntries(walk));
  return reportOf(walk, found ?? (walk.unfinished === null ? await checkRest(walk) : null));
}

/** What rests on all entries. */
async function checkRest(walk: PackWalk): Promise<Found | null> {
  return (
    (await checkHeads(walk)) ??
    checkProofs(walk) ??
    (await checkAnchors(walk)) ??
    checkParts(walk) ??
    checkStatements(walk)
  );
}

function reportOf({ pack, notes, logKey, options, uncompared, unfinished }: PackWalk, found: Found | null): PackReport {
  const { manifest, heads, anchors, elsewhere, withheld } = pack;
  const whole = manifest.selection.kind === "all";
  const late = backdatedIn(pack, notes);
  const kept = withheld.filter(({ what }) => what === "object").length;
  const missing = manifest.tree_size - manifest.counts.entries;
  const others = elsewhere.filter(({ why }) => why === "other_log").length;
  const passed = (detail: string): Answer => ({ result: "passed", detail });
  const answers: Record<Question, Answer> = {
    authentic: passed(
      `every token verifies as of its receipt, under the log's key ${logKey?.kid ?? ""}${options.logKey === undefined ? ", which the pack itself brings" : ", which is the one you know"}`,
    ),
    included: passed(
      whole ? "every leaf and the root are recomputed" : "every entry is in the tree under the last signed root",
    ),
    consistent: passed(
      `${heads.length} signed ${heads.length === 1 ? "head agrees" : "heads agree"}${anchoredIn(anchors.length, uncompared)}${options.pinned === undefined ? "; only a head that you remember tells of another history" : ""}`,
    ),
    complete: passed(
      whole
        ? `no entry of ${manifest.tree_size} is missing${others === 0 ? "" : `; ${others} predecessors are in other logs`}`
        : `${missing} entries of ${manifest.tree_size} are not selected, each accounted for; whether the selection is all that it is about, only the whole log tells`,
    ),
    plausible: passed(`times of receipt and of the heads never go back${lateIn(late)}`),
  };
  const redacted = takenOut(withheld);
  if (redacted > 0 && found === null)
    answers.complete = passed(`${answers.complete.detail}; ${redacted} of them were taken out by whoever asked for it`);
  if (kept > 0 && found === null)
    answers.complete = passed(`${answers.complete.detail}; the contents of ${kept} recordings are left out`);
  const all = (detail: string): void => {
    for (const question of Object.keys(answers) as Question[]) answers[question] = { result: "not_checked", detail }; // its own keys
  };
  if (found !== null) {
    all(`checked up to ${found.place} only`);
    answers[found.question] = { result: "failed", detail: found.detail };
  } else if (unfinished !== null) all(`the check was not finished: ${unfinished.detail}`);
  return {
    logId: manifest.log_id,
    logKey: logKey?.kid ?? "",
    checked: notes.length,
    entries: pack.entries.length,
    treeSize: manifest.tree_size,
    root: manifest.root,
    ...answers,
    backdated: late.slice(0, MOST_TOLD),
    firstBad: found === null ? null : { seq: found.seq, code: found.code, detail: found.detail, place: found.place },
    unfinished: found === null ? unfinished : null,
  };
}

/** Who signed them elsewhere only the pack says; one that could not be compared agrees with nothing. */
function anchoredIn(count: number, uncompared: number): string {
  const compared = count - uncompared;
  return [
    compared === 0 ? "" : `, and ${compared} that came back from elsewhere, under keys that the pack itself brings`,
    uncompared === 0
      ? ""
      : `; ${uncompared} from elsewhere could not be compared, no head here is over as many entries`,
  ].join("");
}

/** XA-S3: longest time between an entry's making and its receipt that needs no look, seconds. */
const BACKDATED_S = 900;
const MOST_TOLD = 100;

function backdatedIn({ entries }: EvidencePack, notes: PackWalk["notes"]): number[] {
  return notes.flatMap(({ seq, note }, at) => {
    const received = entries[at]?.received_at;
    return received !== undefined && note.iat !== null && note.iat < received - BACKDATED_S ? [seq] : [];
  });
}

const lateIn = (late: readonly number[]): string =>
  late.length === 0
    ? ""
    : `; ${late.length} ${late.length === 1 ? "entry was" : "entries were"} received more than ${BACKDATED_S} s after it was made, the first is ${late[0]}`;

function unreadable(firstBad: FirstBad): PackReport {
  const open: Answer = { result: "not_checked", detail: "the file could not be read as an evidence pack" };
  return {
    ...{ logId: "", logKey: "", checked: 0, entries: 0, treeSize: 0, root: "" },
    ...{ included: open, consistent: open, complete: open, plausible: open },
    authentic: { result: "failed", detail: firstBad.detail },
    backdated: [],
    firstBad,
    unfinished: null,
  };
}
