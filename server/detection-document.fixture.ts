import { wilson } from "../app/protocol/behavior/bench-stats.ts";
import { type Flag, METHODS, type Method, type RunDetection } from "../app/protocol/behavior/detect.ts";
import { delayRows, paddingRows } from "./detection-delays.fixture.ts";
import type { Family } from "./detection-families.ts";

/** A family, judged by what was taught before the failing steps, and by all but those steps. */
export interface JudgedFamily {
  readonly family: Family;
  readonly before: readonly RunDetection[];
  readonly rest: readonly RunDetection[];
}

const SHOWN: Readonly<Record<Method, string>> = {
  action: "action never seen",
  sequence: "learned order",
  limit: "learned limit",
  drift: "drift score above chance",
  sequential: "sequential test",
  stated: "rule of the policy",
};

/** The tables of docs/behavior-detection.md, from nothing but what was found. */
export function detectionTables(judged: readonly JudgedFamily[]): string {
  const annotated = judged.filter(({ before }) => before.some((run) => run.annotated.length > 0));
  return [
    "### Annotated runs",
    "",
    "| Run | Annotated steps | Learned from what came before | Learned from all but the annotated steps | Rules of the policy |",
    "|---|---|---|---|---|",
    ...annotated.flatMap(runRows),
    "",
    "### False alarms",
    "",
    "| Method | Annotated runs flagged at or after their first annotated step | Windows without annotation flagged | 95 % interval | Findings for 100 tasks, before the first annotated step and from it on |",
    "|---|---|---|---|---|",
    ...methodRows(judged),
    "",
    "| Window without annotation | What flagged it |",
    "|---|---|",
    ...falseRows(judged),
    "",
    "| Family | Runs | Windows without annotation, with their tasks | Learned for each run: tasks, orders, strength of the baseline |",
    "|---|---|---|---|",
    ...judged.map(familyRow),
    "",
    "### How soon the sequential test alarms",
    "",
    "| Drift of the changed conduct | Baseline taken for exact, change at once | after 200 tasks | Strength 100, change at once | after 200 tasks |",
    "|---|---|---|---|---|",
    ...delayRows(),
    "",
    "| Share of one action, all else as usual: streams alarmed within 1,000 tasks | One that should be 2 in 100, baseline taken for exact | Strength 100 | One outside the baseline, baseline taken for exact | Strength 100 |",
    "|---|---|---|---|---|",
    ...paddingRows(),
  ].join("\n");
}

function runRows({ family, before, rest }: JudgedFamily): string[] {
  return before.map((run, at) => {
    const other = rest[at] ?? run;
    const cells = [
      `${family.id} ${short(run.id)}`,
      run.annotated.map(({ step, cause }) => (cause ? `**${step}**` : String(step))).join(", "),
      found(run, LEARNED),
      found(other, LEARNED),
      family.stated.length === 0 ? "none stated" : found(run, ["stated"]),
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

const LEARNED: readonly Method[] = METHODS.filter((method) => method !== "stated");

/** First finding of each method at or after the first annotated step, and how far it is from the step that is the cause. */
function found({ annotated, flags }: RunDetection, methods: readonly Method[]): string {
  const cause = annotated.find((one) => one.cause)?.step ?? firstOf(annotated);
  const told = methods.flatMap((method) => {
    const flag = flags.find((one) => one.method === method && one.step >= firstOf(annotated));
    return flag === undefined ? [] : [`${nameOf(flag)} at ${flag.step} (${signed(flag.step - cause)})`];
  });
  return told.length === 0 ? "not flagged" : told.join("; ");
}

const nameOf = ({ method, rule, action }: Flag): string =>
  method === "action"
    ? `${SHOWN.action} \`${action}\``
    : method === "drift" || method === "sequential"
      ? SHOWN[method]
      : `\`${rule}\``;

const firstOf = (annotated: RunDetection["annotated"]): number => Math.min(...annotated.map(({ step }) => step));
const signed = (offset: number): string =>
  offset === 0 ? "same step" : `${offset > 0 ? "+" : "−"}${Math.abs(offset)}`;
const short = (id: string): string =>
  /^[0-9a-f]{64}$/.test(id.replace(/^log-/, "")) ? id.replace(/^log-/, "").slice(0, 8) : id;

type Variant = "before" | "rest";
const VARIANTS: Readonly<Record<Variant, string>> = {
  before: "learned before",
  rest: "learned from all but",
};

function methodRows(judged: readonly JudgedFamily[]): string[] {
  const rows: string[] = [];
  for (const variant of ["before", "rest"] as const) {
    const runs = judged.flatMap((one) => one[variant]);
    const methods = LEARNED.filter((method) => method !== "limit" || variant === "rest");
    for (const method of methods) rows.push(rateRow(`${SHOWN[method]}, ${VARIANTS[variant]}`, runs, [method]));
    rows.push(rateRow(`any of these, ${VARIANTS[variant]}`, runs, methods));
  }
  const ruled = judged.flatMap((one) => (one.family.stated.length === 0 ? [] : one.before));
  return [...rows, rateRow(SHOWN.stated, ruled, ["stated"])];
}

function rateRow(title: string, runs: readonly RunDetection[], methods: readonly Method[]): string {
  const failed = runs.filter(({ annotated }) => annotated.length > 0);
  const hit = failed.filter(({ flags, annotated }) =>
    flags.some(({ method, step }) => methods.includes(method) && step >= firstOf(annotated)),
  ).length;
  const windows = runs.filter(({ tasks }) => tasks.before > 0);
  const wrong = windows.filter(({ before }) => before.some(({ method }) => methods.includes(method))).length;
  const { ci_low, ci_high } = wilson(wrong, windows.length);
  const cells = [
    title,
    `${hit} of ${failed.length}`,
    `${wrong} of ${windows.length}`,
    `${percent(ci_low)} to ${percent(ci_high)}`,
    `${perHundred(failed, methods, "before")}, ${perHundred(failed, methods, "after")}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** How often anything is found in that part of the annotated runs, so that long parts are not taken for telling ones. */
function perHundred(runs: readonly RunDetection[], methods: readonly Method[], part: "before" | "after"): string {
  const tasks = runs.reduce((sum, run) => sum + run.tasks[part], 0);
  const findings = runs.flatMap(({ flags, before, annotated }) =>
    part === "before" ? before : flags.filter(({ step }) => step >= firstOf(annotated)),
  );
  return ((findings.filter(({ method }) => methods.includes(method)).length / tasks) * 100).toFixed(1);
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

function falseRows(judged: readonly JudgedFamily[]): string[] {
  return judged.flatMap(({ family, before, rest }) =>
    before.flatMap((run, at) => {
      const told = (["before", "rest"] as const).flatMap((variant) => {
        const flags = firsts((variant === "before" ? run : (rest[at] ?? run)).before).filter(
          ({ method }) => method !== "stated",
        );
        return flags.length === 0
          ? []
          : [`${VARIANTS[variant]}: ${flags.map((flag) => `${nameOf(flag)} at ${flag.step}`).join("; ")}`];
      });
      const stated = run.before
        .filter(({ method }) => method === "stated")
        .map((flag) => `${nameOf(flag)} at ${flag.step}`);
      const all = [...told, ...stated];
      return all.length === 0 ? [] : [`| ${family.id} ${short(run.id)} | ${all.join(". ")} |`];
    }),
  );
}

const firsts = (flags: readonly Flag[]): Flag[] =>
  flags.filter((flag, at) => flags.findIndex((other) => nameOf(other) === nameOf(flag)) === at);

function familyRow({ family, before }: JudgedFamily): string {
  const windows = before.filter(({ tasks }) => tasks.before > 0).map(({ tasks }) => tasks.before);
  const range = (values: readonly number[]): string => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? String(least) : `${least} to ${most}`;
  };
  const strengths = before.flatMap(({ learned }) => (learned.strength === null ? [] : [Math.round(learned.strength)]));
  const learned = [
    range(before.map((run) => run.learned.tasks)),
    range(before.map((run) => run.learned.sequences)),
    strengths.length === 0 ? "none: actions come in bursts" : range(strengths),
  ];
  return `| ${family.title} | ${before.length} | ${windows.length}, ${range(windows)} | ${learned.join("; ")} |`;
}
