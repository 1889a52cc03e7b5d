import type { Json } from "../../base/json.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { glance, type TextFlag, textFlags } from "../../ui/visible-text-flags.ts";
import type { GateDetail } from "./gate-detail.ts";

/** Where in a request a text stands. */
export type FlagPlace = "Action" | "Target" | "Agent" | "Task" | "Run" | "Arguments" | "Agent's words";

export interface RequestFlag {
  readonly place: FlagPlace;
  readonly kind: TextFlag["kind"] | "lookalike" | "unread";
  readonly words: string;
}

/** Strings of the arguments that are looked through, and characters of them. */
const MAX_STRINGS = 2_000;
const MAX_CHARACTERS = 200_000;
/** Longer texts are no names. */
const MAX_NAME = 256;

/**
 * What in the request could be read as something else than it is (F4, ACP-S5), wherever it stands. `known` are names that
 * stand elsewhere: in the last similar action, in the policy.
 */
export function requestFlags(detail: GateDetail, known: readonly string[] = []): readonly RequestFlag[] {
  const { claims, row } = detail;
  const args = argumentStrings(detail.canonicalArgs);
  const words = [detail.narrative ?? "", ...claims.explanation.alternatives];
  const flags = [
    ...of("Action", [claims.task.exec_act]),
    ...of("Target", claims.task.target === undefined ? [] : [claims.task.target]),
    ...of("Agent", [claims.iss]),
    ...of("Task", [row.taskName]),
    ...of("Run", [row.runName]),
    ...of("Arguments", args.strings, true),
    ...(args.all
      ? []
      : [
          {
            place: "Arguments",
            kind: "unread",
            words: "are too many or too deep to be looked through for look-alikes",
          } as const,
        ]),
    ...of("Agent's words", words, true),
    ...lookalikes(claims.task.target, args.strings, known),
  ];
  const said = new Set<string>();
  return flags.filter((flag) => {
    const key = `${flag.place} ${flag.words}`;
    return said.has(key) ? false : said.add(key);
  });
}

/** Only words and values have several lines; a name with a line break plays a row of the page. */
function of(place: FlagPlace, texts: readonly string[], multiline = false): RequestFlag[] {
  return texts.flatMap((text) => textFlags(text, multiline).map(({ kind, words }) => ({ place, kind, words })));
}

/** Two names that differ and look the same: one of them may be meant for the other. */
function lookalikes(target: string | undefined, args: readonly string[], known: readonly string[]): RequestFlag[] {
  const names = [...known, ...args, ...(target === undefined ? [] : [target])].filter(isName).flatMap(partsOf);
  const byLook = new Map<string, Set<string>>();
  for (const name of names) {
    const look = glance(name);
    byLook.set(look, (byLook.get(look) ?? new Set()).add(name));
  }
  return [...byLook.values()].flatMap((same): RequestFlag[] => {
    const [first, second] = [...same];
    if (first === undefined || second === undefined) return [];
    const place = target !== undefined && partsOf(target).some((part) => same.has(part)) ? "Target" : "Arguments";
    return [
      {
        place,
        kind: "lookalike",
        words: `looks like another name: “${visibleText(second)}” is not “${visibleText(first)}”`,
      },
    ];
  });
}

const isName = (text: string): boolean => text.length >= 3 && text.length <= MAX_NAME && !/\s/.test(text);

/** The name and what its separators part, so that a host is compared with a host. */
function partsOf(name: string): string[] {
  return [...new Set([name, ...name.split(/[/:@?&=#,;]+/)])].filter((part) => part.length >= 3 && /\p{L}/u.test(part));
}

/** Names that stand elsewhere and that a look-alike could be meant for: in the last similar action, and in the policy. */
export function namesKnown({ previous, reach }: GateDetail): readonly string[] {
  const before = previous === null ? [] : [previous.target ?? "", ...argumentStrings(previous.canonicalArgs).strings];
  return [...reach.limits.flatMap((limit) => limit.values ?? []).map((name) => name.replace(/\*$/, "")), ...before];
}

/** Every member name and string value, in order. */
export function argumentStrings(canonicalArgs: string): { readonly strings: readonly string[]; readonly all: boolean } {
  const parsed = parseStrictJson(canonicalArgs);
  if (!parsed.ok) return { strings: [], all: false };
  const strings: string[] = [];
  let characters = 0;
  let all = true;
  const take = (text: string): void => {
    if (strings.length >= MAX_STRINGS || characters + text.length > MAX_CHARACTERS) all = false;
    else {
      strings.push(text);
      characters += text.length;
    }
  };
  const walk = (value: Json): void => {
    if (!all) return;
    if (typeof value === "string") take(value);
    else if (isList(value)) for (const item of value) walk(item);
    else if (typeof value === "object" && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        take(name);
        walk(item);
      }
    }
  };
  walk(parsed.value);
  return { strings, all };
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
