import { QUESTIONS } from "../../../../protocol/audit/questions.ts";
import type { PackReport } from "../../../../protocol/pack/verify-pack.ts";
import { element, theirs } from "./dom.ts";

const ASKS: Readonly<Record<(typeof QUESTIONS)[number], readonly [name: string, question: string]>> = {
  authentic: ["Authentic", "every token is signed by who it names"],
  included: ["Included", "every entry is in the log as it was signed"],
  consistent: ["Consistent", "the log only ever grew"],
  complete: ["Complete", "nothing is missing but what is said to be"],
  plausible: ["Plausible", "times make sense"],
};
const WORDS = { passed: "✓ yes", failed: "✕ no", not_checked: "○ not checked" } as const;

/** Five separate answers, and the first bad place (XA-20, XA-34). */
export function reportView(report: PackReport): HTMLElement {
  const { firstBad } = report;
  const verdict =
    firstBad === null
      ? element(
          "p",
          { class: "verdict passed" },
          `✓ All five questions are answered yes, for ${report.checked} entries.`,
        )
      : element(
          "div",
          { class: "bad" },
          element(
            "p",
            { class: "verdict" },
            "✕ This pack does not hold. First bad place: ",
            theirs(firstBad.place, 200, true),
          ),
          element("p", {}, theirs(firstBad.detail)),
          element(
            "p",
            {},
            `${report.checked} entries before it were found good. Code: `,
            theirs(firstBad.code, 80, true),
          ),
        );
  const answers = QUESTIONS.map((question) => {
    const [name, asked] = ASKS[question];
    const { result, detail } = report[question];
    return element(
      "li",
      {},
      element("span", { class: `word ${result}` }, WORDS[result]),
      element("strong", {}, name),
      element("span", { class: "muted" }, `: ${asked}`),
      element("div", { class: "muted" }, theirs(detail, 400)),
    );
  });
  return element("div", {}, verdict, element("ul", { class: "answers", "aria-label": "Answers" }, ...answers));
}
