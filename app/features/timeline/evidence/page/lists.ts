import type { Chain, ToldEntry } from "../../../../protocol/pack/chains.ts";
import { element, moment, section, shortName, theirs } from "./dom.ts";

/** Rows drawn at a time. */
const STEP = 100;

/** A list that can be searched and is drawn a piece at a time. */
function searchable<T>(
  list: { readonly name: string; readonly rows: readonly T[]; readonly holder: HTMLElement },
  wordsOf: (row: T) => string,
  draw: (row: T) => HTMLElement,
): readonly HTMLElement[] {
  const { name, rows, holder } = list;
  const id = `search-${name.toLowerCase().replace(/\W+/g, "-")}`;
  const input = element("input", { id, type: "search", autocomplete: "off" });
  const status = element("p", { role: "status", class: "muted" });
  const more = element("button", { type: "button" }, `Show ${STEP} more`);
  let found: readonly T[] = rows;
  let shown = 0;
  const go = (): void => {
    for (const row of found.slice(shown, shown + STEP)) holder.append(draw(row));
    shown = Math.min(found.length, shown + STEP);
    more.hidden = shown >= found.length;
    status.textContent = `${found.length} of ${rows.length}${shown < found.length ? `, the first ${shown} shown` : ""}`;
  };
  const search = (): void => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter((row) => {
      const text = wordsOf(row).toLowerCase();
      return words.every((word) => text.includes(word));
    });
    holder.replaceChildren();
    shown = 0;
    go();
  };
  input.addEventListener("input", search);
  more.addEventListener("click", go);
  go();
  return [
    element("div", { class: "row" }, element("div", {}, element("label", { for: id }, `Search: ${name}`), input)),
    status,
    more,
  ];
}

const COLUMNS = ["Action", "Asked", "Held or let through", "People", "Outcome"] as const;

/**
 * Who allowed what (J7): each action from its being asked for to what came of it, with the entries that say so. Of entries that
 * were taken out nobody knows here what they say: it may be a refusal, or a decision about an action that is here (XA-37).
 */
export function chainsView(chains: readonly Chain[], takenOut: number): HTMLElement {
  const body = element("tbody");
  const cell = (at: number, ...children: readonly (Node | string | null)[]): HTMLElement =>
    element("td", { "data-name": COLUMNS[at] ?? "" }, ...children);
  const draw = (chain: Chain): HTMLElement =>
    element(
      "tr",
      {},
      cell(
        0,
        element("div", {}, theirs(chain.action, 120)),
        chain.target === null ? null : element("div", { class: "muted" }, theirs(chain.target, 120)),
        chain.args === null
          ? null
          : element(
              "details",
              {},
              element("summary", {}, "Arguments"),
              element("pre", {}, theirs(chain.args, 20_000, true)),
            ),
      ),
      cell(1, shortName(chain.agent), element("div", { class: "muted" }, moment(chain.at), entryLink(chain.asked))),
      cell(
        2,
        ...chain.records.map(({ seq, kind, code }) =>
          element(
            "div",
            {},
            kind.replaceAll("_", " "),
            code === null ? null : element("span", { class: "muted" }, ": ", theirs(code, 60)),
            entryLink(seq),
          ),
        ),
      ),
      cell(
        3,
        chain.request === null
          ? "no request in this pack"
          : element("div", { class: "muted" }, "asked", entryLink(chain.request)),
        ...chain.decisions.map(({ seq, by, outcome, reason }) =>
          element(
            "div",
            {},
            element("strong", {}, theirs(outcome, 40)),
            " by ",
            shortName(by),
            entryLink(seq),
            reason === null ? null : element("div", { class: "muted" }, theirs(reason, 300)),
          ),
        ),
      ),
      cell(
        4,
        chain.result === null
          ? "no report in this pack"
          : element("span", {}, theirs(chain.result.outcome, 60), entryLink(chain.result.seq)),
      ),
    );
  const words = (chain: Chain): string =>
    [chain.action, chain.agent, chain.target, chain.args, chain.task, chain.wid, chain.result?.outcome]
      .concat(
        chain.records.flatMap(({ kind, code }) => [kind, code]),
        chain.decisions.flatMap(({ by, outcome, reason }) => [by, outcome, reason]),
      )
      .join(" ");
  const [controls = null, status = null, more = null] = searchable(
    { name: "Who allowed what", rows: chains, holder: body },
    words,
    draw,
  );
  const head = element("tr", {}, ...COLUMNS.map((name) => element("th", { scope: "col" }, name)));
  const table = element("table", { class: "chains" }, element("thead", {}, head), body);
  const what = "Each action, by the signed entries of this pack. What an agent says of itself is its own word.";
  return section(
    "Who allowed what",
    element("p", { class: "muted" }, what),
    takenOut === 0
      ? null
      : element(
          "p",
          {},
          element(
            "strong",
            {},
            `${takenOut} ${takenOut === 1 ? "entry was" : "entries were"} taken out of this file. `,
          ),
          "Actions, refusals, stops and decisions may be among them.",
        ),
    controls,
    status,
    element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table of actions" }, table),
    more,
  );
}

const entryLink = (seq: number | null): HTMLElement | null =>
  seq === null ? null : element("span", { class: "muted mono" }, ` #${seq}`);

/** An entry with the token it is. */
export interface RawEntry extends ToldEntry {
  readonly token: string;
}

/** Every entry, each with its claims and its token as it stands in the log. */
export function entriesView(entries: readonly RawEntry[]): HTMLElement {
  const holder = element("ul");
  const draw = ({ seq, receivedAt, typ, claims, token }: RawEntry): HTMLElement => {
    const details = element(
      "details",
      {},
      element(
        "summary",
        {},
        element("span", { class: "mono" }, `#${seq} `),
        moment(receivedAt),
        ` ${typ} by `,
        shortName(String(claims.iss ?? "")),
      ),
    );
    // Drawn when it is opened: thousands of tokens would be a heavy page.
    details.addEventListener("toggle", () => {
      if (!details.open || details.childElementCount > 1) return;
      details.append(
        element(
          "pre",
          { tabindex: "0", "aria-label": `Claims of entry ${seq}` },
          theirs(JSON.stringify(claims, null, 1).replaceAll(/\s*\n\s*/g, " "), 20_000, true),
        ),
        element("pre", { tabindex: "0", "aria-label": `Token of entry ${seq}` }, token),
      );
    });
    return element("li", {}, details);
  };
  const [controls = null, status = null, more = null] = searchable(
    { name: "Every entry", rows: entries, holder },
    ({ seq, typ, claims }) => `#${seq} ${typ} ${JSON.stringify(claims)}`,
    draw,
  );
  return section("Every entry", controls, status, holder, more);
}
