import { objectDigest } from "../jcs/canonical.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { digestOf, type Found, type PackWalk } from "./pack-walk.ts";
import { elsewhereRows, gapsBetween, keyRows, objectNames, policyRows, viewRows } from "./rows.ts";

/** V4 step 6: what stands beside the entries is what they say: keys, policies, views, objects, what is withheld or elsewhere. */
export function checkParts(walk: PackWalk): Found | null {
  return (
    checkRows(walk, "keys", keyRows(walk.notes), "authentic") ??
    checkRows(walk, "policies", policyRows(walk.notes), "complete") ??
    checkPolicies(walk) ??
    checkViews(walk) ??
    checkObjects(walk) ??
    checkWithheld(walk) ??
    checkElsewhere(walk)
  );
}

/** Exactly these rows, in this order. */
function checkRows(
  { pack, sha256, notes }: PackWalk,
  part: "keys" | "policies",
  due: readonly { readonly seq: number }[],
  question: Found["question"],
): Found | null {
  const rows: readonly { readonly seq: number }[] = pack[part];
  for (let at = 0; at < Math.max(rows.length, due.length); at += 1) {
    const [row, own] = [rows[at], due[at]];
    if (row !== undefined && own !== undefined && digestOf(row, sha256) === digestOf(own, sha256)) continue;
    const detail =
      own === undefined
        ? `no entry says what row ${at} of the ${part} says`
        : `row ${at} of the ${part} is not what entry ${own.seq} says`;
    return { seq: own?.seq ?? notes.length, code: `pack_${part}_mismatch`, detail, place: `${part}.${at}`, question };
  }
  return null;
}

/** A start names its policy by id and digest: that very policy is here. */
function checkPolicies({ pack, notes }: PackWalk): Found | null {
  const known = new Map(pack.policies.map(({ jti, hash }) => [jti, hash]));
  for (const [at, { seq, note }] of notes.entries()) {
    if (note.policy === null || known.get(note.policy.jti) === note.policy.hash) continue;
    const detail = `the policy ${note.policy.jti}, under which entry ${seq} starts, is not here as it was named`;
    return { seq, code: "log_incomplete", detail, place: `entries.${at}`, question: "complete" };
  }
  return null;
}

function checkViews({ pack, notes, sha256 }: PackWalk): Found | null {
  const due = viewRows(notes);
  const listed = pack.manifest.parts.views;
  for (let at = 0; at < Math.max(pack.views.length, due.length, listed.length); at += 1) {
    const [row, own] = [pack.views[at], due[at]];
    const bad = (code: string, detail: string): Found => ({
      ...{ seq: own?.seq ?? notes.length, code, detail, place: `views.${at}`, question: "complete" },
    });
    if (row === undefined || own === undefined || digestOf({ ...row, text: null }, sha256) !== digestOf(own, sha256))
      return bad("pack_views_mismatch", `row ${at} of what was shown is not what the decisions say`);
    if (row.text !== null && textDigest(row.text, sha256) !== row.hash)
      return {
        ...bad("object_hash_mismatch", `what was shown for entry ${own.seq} has another digest`),
        question: "authentic",
      };
    if (digestOf(row, sha256) !== listed[at])
      return bad("pack_part_mismatch", `row ${at} of what was shown is not the one the manifest lists`);
  }
  return null;
}

function textDigest(text: string, sha256: PackWalk["sha256"]): string | null {
  const value = parseStrictJson(text);
  const digest = value.ok ? objectDigest(value.value, sha256) : null;
  return digest?.ok === true ? digest.value : null;
}

/** COM-11: an object has the digest that the tokens name; one that is not here is withheld, and says so. */
function checkObjects({ pack, notes, sha256 }: PackWalk): Found | null {
  const due = objectNames(notes);
  for (const [name, value] of Object.entries(pack.objects).sort(byName)) {
    const seq = due.get(name);
    const bad = (code: string, detail: string): Found => ({
      ...{ seq: seq ?? notes.length, code, detail, place: `objects.${name}`, question: "authentic" },
    });
    if (digestOf(value, sha256) !== name) return bad("object_hash_mismatch", `the object ${name} has another digest`);
    if (seq === undefined) return bad("object_unknown", `no entry refers to the object ${name}`);
    if (!pack.manifest.parts.objects.includes(name))
      return bad("pack_part_mismatch", `the manifest does not list the object ${name}`);
  }
  const lost = pack.manifest.parts.objects.find((name) => !Object.hasOwn(pack.objects, name));
  if (lost === undefined) return null;
  const detail = `the object ${lost}, which the manifest lists, is not here`;
  return {
    seq: due.get(lost) ?? notes.length,
    code: "log_incomplete",
    detail,
    place: `objects.${lost}`,
    question: "complete",
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** What is not here is exactly what is missing: the stretches between the entries, then the objects that are not here. */
function checkWithheld({ pack, notes, sha256 }: PackWalk): Found | null {
  const { manifest, withheld, objects } = pack;
  const asked = notes.find(({ seq }) => seq === manifest.request.seq)?.note.request;
  const gaps = gapsBetween(manifest.ranges, manifest.tree_size, new Set(asked?.redact)).map(
    ({ from, to, why }) => `${from} ${to} ${why}`,
  );
  const missing = [...objectNames(notes).keys()].filter((name) => !Object.hasOwn(objects, name));
  const due = [...gaps, ...missing];
  const listed = manifest.parts.withheld;
  for (let at = 0; at < Math.max(withheld.length, due.length, listed.length); at += 1) {
    const row = withheld[at];
    const says = row === undefined ? null : row.what === "object" ? row.hash : `${row.from} ${row.to} ${row.why}`;
    const bad = (code: string, detail: string): Found => ({
      ...{ seq: notes.length, code, detail, place: `withheld.${at}`, question: "complete" },
    });
    if (says === null || says !== due[at])
      return bad("pack_withheld_mismatch", `row ${at} of what is withheld is not what is missing here`);
    if (digestOf(row, sha256) !== listed[at])
      return bad("pack_part_mismatch", `row ${at} of what is withheld is not the one the manifest lists`);
  }
  return null;
}

/** XA-S7: a predecessor is here, or listed as being elsewhere. */
function checkElsewhere({ pack, notes, sha256 }: PackWalk): Found | null {
  const due = elsewhereRows(notes);
  const listed = pack.manifest.parts.elsewhere;
  const rows = new Map(pack.elsewhere.map((row) => [row.jti, row]));
  for (const { jti, seq, at } of due)
    if (!rows.has(jti))
      return {
        ...{ seq, code: "log_incomplete", place: `entries.${at}`, question: "complete" },
        detail: `entry ${seq} follows the task ${jti}, which is neither here nor said to be elsewhere`,
      };
  for (let at = 0; at < Math.max(pack.elsewhere.length, due.length, listed.length); at += 1) {
    const [row, own] = [pack.elsewhere[at], due[at]];
    const whole = pack.manifest.selection.kind === "all";
    const bad = (code: string, detail: string): Found => ({
      ...{ seq: own?.seq ?? notes.length, code, detail, place: `elsewhere.${at}`, question: "complete" },
    });
    const fits = row !== undefined && row.jti === own?.jti && row.seq === own.seq;
    if (!fits || (whole && row.why === "not_selected"))
      return bad("pack_elsewhere_mismatch", `row ${at} of what is elsewhere is not what the entries say`);
    if (digestOf(row, sha256) !== listed[at])
      return bad("pack_part_mismatch", `row ${at} of what is elsewhere is not the one the manifest lists`);
  }
  return null;
}
