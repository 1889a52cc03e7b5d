import { must } from "../../../../base/assert.ts";
import type { JsonObject } from "../../../../base/json.ts";
import { createSha256 } from "../../../../protocol/jose/hasher.ts";
import type { Verified } from "../../../../protocol/jose/verify-token.ts";
import { chainsOf } from "../../../../protocol/pack/chains.ts";
import type { EvidencePack } from "../../../../protocol/pack/claims.ts";
import type { PackOptions } from "../../../../protocol/pack/pack-walk.ts";
import { PACK_ELEMENT } from "../../../../protocol/pack/read-pack.ts";
import { takenOut } from "../../../../protocol/pack/rows.ts";
import { verifyPack } from "../../../../protocol/pack/verify-pack.ts";
import { element, facts, moment, section, theirs } from "./dom.ts";
import { chainsView, entriesView, type RawEntry } from "./lists.ts";
import { reportView } from "./report.ts";

/**
 * The program in a pack's page (XA-36): verifies the document beside it with the console's own verifier, and shows what it
 * says. It asks nothing of any network, and puts nothing that it shows into the page as anything but text.
 */
const holder = must(document.getElementById("pack"), "the page has a place for its report");
const text = must(document.getElementById(PACK_ELEMENT), "the page has its document").textContent ?? "";

/** What was verified, in order, to be told. */
const told: { seq: number; typ: string; claims: JsonObject; token: string }[] = [];

async function run(known: Pick<PackOptions, "pinned" | "logKey"> = {}): Promise<void> {
  told.length = 0;
  const bar = element("progress", { "aria-label": "Verifying" });
  const status = section("Verifying …", bar);
  holder.replaceChildren(element("h1", {}, "Evidence pack"), status);
  const { pack, report } = await verifyPack(text, await createSha256(), {
    ...known,
    progress: (checked, total) => {
      bar.max = total;
      bar.value = checked;
    },
    verified: (seq: number, token: Verified<unknown>) =>
      told.push({ seq, typ: token.typ, claims: token.claims as JsonObject, token: token.compact }), // claims are an object
  });
  const result = section("Verified here, in this browser", reportView(report), knownForm(known));
  result.setAttribute("role", "status");
  holder.replaceChildren(element("h1", {}, "Evidence pack"), result);
  if (pack === null) return;
  const received = new Map(pack.entries.map((entry) => [entry.seq, entry.received_at]));
  const entries: RawEntry[] = told.map((one) => ({ ...one, receivedAt: received.get(one.seq) ?? 0 }));
  const parts = [
    aboutView(pack, report.logKey),
    chainsView(chainsOf(entries), takenOut(pack.withheld)),
    viewsView(pack),
    anchorsView(pack),
    missingView(pack),
    entriesView(entries),
  ];
  holder.append(...parts.filter((part) => part !== null));
}

/** What the pack says of itself; under its log's seal when the report says so. */
function aboutView({ manifest, entries }: EvidencePack, logKey: string): HTMLElement {
  const { selection } = manifest;
  const about =
    selection.kind === "all"
      ? "the whole log"
      : selection.kind === "workflow"
        ? `workflow ${selection.wid}`
        : selection.expression;
  return section(
    "What this is",
    facts(
      ["Log", theirs(manifest.log_id, 300, true)],
      ["Domain", theirs(manifest.domain, 253)],
      ["Asked for by", theirs(manifest.exported_by, 300, true)],
      ["Purpose", theirs(manifest.purpose, 500)],
      ["Made", moment(manifest.exported_at)],
      ["About", theirs(about, 400)],
      ["Entries here", `${entries.length} of ${manifest.tree_size}`],
      ["Root", theirs(manifest.root, 60, true)],
      ["Key of the log", theirs(logKey, 60, true)],
    ),
  );
}

/** What operators were shown: the digest they signed and, where it was kept, the very text. */
function viewsView({ views, withheld }: EvidencePack): HTMLElement {
  if (views.length === 0)
    return section("What people were shown", element("p", { class: "muted" }, "No decision here says it."));
  // With a request that was taken out goes what was shown about it (XA-37).
  const gone =
    takenOut(withheld) > 0 ? "The text was not kept, or was taken out with its request" : "The text was not kept";
  const rows = views.map(({ seq, by, shown_at, hash, text: shown }) =>
    element(
      "li",
      {},
      facts(
        ["Decision", `#${seq}`],
        ["By", theirs(by, 200, true)],
        ["Shown", moment(shown_at)],
        ["Digest", theirs(hash, 60, true)],
      ),
      shown === null
        ? element("p", { class: "muted" }, `${gone}; whoever has it can compare the digest.`)
        : element(
            "details",
            {},
            element("summary", {}, "What was shown"),
            element("pre", { tabindex: "0" }, theirs(shown, 20_000, true)),
          ),
    ),
  );
  return section("What people were shown", element("ul", {}, ...rows));
}

/** Heads of the log that somebody outside of it has signed: what makes a log that was made anew disagree with somebody else. */
function anchorsView({ anchors }: EvidencePack): HTMLElement | null {
  if (anchors.length === 0) return null;
  const rows = anchors.map(({ note, keys }) => {
    const [, size = ""] = note.split("\n");
    return element(
      "li",
      {},
      element(
        "p",
        {},
        "A head over ",
        theirs(size, 20),
        ` entries, signed elsewhere by ${keys.length === 0 ? "nobody" : ""}`,
        ...keys.map((key) => theirs(key, 200, true)),
      ),
      element(
        "details",
        {},
        element("summary", {}, "The signed checkpoint"),
        element("pre", { tabindex: "0" }, theirs(note.replaceAll("\n", " \u21b5 "), 4000, true)),
      ),
    );
  });
  const what = "Whether these keys are those of witnesses that you trust, only you know.";
  return section("Seen elsewhere", element("p", { class: "muted" }, what), element("ul", {}, ...rows));
}

const WHY: Readonly<Record<string, string>> = {
  not_selected: "not selected",
  redacted: "taken out by whoever asked for this file",
  left_out: "left out when it was exported",
  not_kept: "not kept by the log's host",
  other_log: "in no entry of this log",
};

function missingView({ withheld, elsewhere }: EvidencePack): HTMLElement {
  const rows = [
    ...withheld.map((row) =>
      element(
        "li",
        {},
        row.what === "entries"
          ? `Entries ${row.from} to ${row.to}: `
          : element("span", {}, "Recording ", theirs(row.hash, 60, true), ": "),
        WHY[row.why] ?? row.why,
      ),
    ),
    ...elsewhere.map(({ jti, seq, why }) =>
      element("li", {}, "Task ", theirs(jti, 60, true), `, which entry #${seq} follows: `, WHY[why] ?? why),
    ),
  ];
  return section(
    "What is not here",
    rows.length === 0 ? element("p", { class: "muted" }, "Nothing is left out.") : element("ul", {}, ...rows),
  );
}

/** A head or a key that the reader knows from elsewhere makes the answers mean more. */
function knownForm(known: Pick<PackOptions, "pinned" | "logKey">): HTMLElement {
  const head = element("input", {
    id: "known-head",
    placeholder: "SIZE:ROOT",
    autocomplete: "off",
    spellcheck: "false",
  });
  const key = element("input", { id: "known-key", autocomplete: "off", spellcheck: "false" });
  const problem = element("p", { role: "alert", class: "failed" });
  const go = element("button", { type: "button" }, "Verify again");
  head.value = known.pinned === undefined ? "" : `${known.pinned.size}:${known.pinned.root}`;
  key.value = known.logKey ?? "";
  go.addEventListener("click", () => {
    const [, size, root] = /^([1-9]\d{0,14}):([A-Za-z0-9_-]{43})$/.exec(head.value.trim()) ?? [];
    const logKey = key.value.trim();
    problem.textContent = "";
    if (head.value.trim() !== "" && (size === undefined || root === undefined)) {
      problem.textContent = "A head is SIZE:ROOT, a number and 43 characters.";
      head.focus();
      return;
    }
    void run({
      ...(size === undefined || root === undefined ? {} : { pinned: { size: Number(size), root } }),
      ...(logKey === "" ? {} : { logKey }),
    });
  });
  return element(
    "details",
    {},
    element("summary", {}, "Compare with what you know of this log"),
    element(
      "p",
      { class: "muted" },
      "Everything here rests on the log's key, which the pack brings itself. A head or a key that you have from elsewhere shows that it is that log.",
    ),
    element(
      "div",
      { class: "row" },
      element("div", {}, element("label", { for: "known-head" }, "A head you remember"), head),
      element("div", {}, element("label", { for: "known-key" }, "The log's key, its thumbprint"), key),
      go,
    ),
    problem,
  );
}

if (globalThis.crypto?.subtle === undefined)
  holder.replaceChildren(
    element("h1", {}, "Evidence pack"),
    element(
      "p",
      { class: "bad" },
      "This browser gives a page from a file no cryptography, so nothing could be verified. Open it in another one, or use verifier/verify_pack.py.",
    ),
  );
else void run();
