import { type Resource, UNIT_OF } from "../../../protocol/audit/accounting/resources.ts";
import { type TariffBody, tariffBodySchema } from "../../../protocol/audit/accounting/tariff.ts";

export interface DraftTier {
  readonly id: number;
  readonly upto: string;
  readonly price: string;
}

export interface DraftLine {
  readonly id: number;
  readonly resource: Resource;
  readonly price: string;
  readonly minimum: string;
  readonly scale: string;
  readonly tiers: readonly DraftTier[];
}

/** A tariff as it is typed. */
export interface TariffDraft {
  readonly id: string;
  readonly version: string;
  readonly currency: string;
  readonly payer: string;
  /** Ids of workflows, separated by blanks or commas; nothing is all of them. */
  readonly wids: string;
  /** Days it holds; nothing is until another one takes its place. */
  readonly days: string;
  readonly reason: string;
  readonly lines: readonly DraftLine[];
}

export interface DraftProblem {
  /** The field: `version`, `lines.0.price`, `lines.0.tiers.1.upto`. */
  readonly place: string;
  readonly message: string;
}

export type CheckedDraft =
  | { readonly ok: true; readonly body: TariffBody; readonly account: { payer: string; wids?: string[] } }
  | { readonly ok: false; readonly problems: readonly DraftProblem[] };

export const emptyLine = (id: number, resource: Resource): DraftLine => ({
  ...{ id, resource, price: "", minimum: "", scale: "4", tiers: [] },
});

export function emptyDraft(domain: string): TariffDraft {
  return {
    ...{ id: "", version: "1", currency: "EUR", payer: domain, wids: "", days: "", reason: "" },
    lines: [emptyLine(1, "llm_input_token"), emptyLine(2, "llm_output_token")],
  };
}

/** The next version of a tariff, to be changed. */
export function draftOf(
  body: TariffBody,
  account: { readonly payer: string; readonly wids?: readonly string[] | undefined },
): TariffDraft {
  return {
    ...{ id: body.tariff_id, version: String(body.version + 1), currency: body.currency, payer: account.payer },
    ...{ wids: (account.wids ?? []).join(" "), days: "", reason: "" },
    lines: body.lines.map((line, at) => ({
      ...{
        id: at + 1,
        resource: line.resource,
        price: line.price,
        minimum: line.minimum ?? "",
        scale: String(line.scale),
      },
      tiers: (line.tiers ?? []).map((tier, place) => ({ id: place + 1, ...tier })),
    })),
  };
}

const WHOLE = /^\d{1,9}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY_S = 86_400;

/** What is typed as a tariff from `nowS` on, or every field that is wrong. */
export function checkDraft(draft: TariffDraft, nowS: number): CheckedDraft {
  const problems: DraftProblem[] = [];
  const wrong = (place: string, message: string): void => void problems.push({ place, message });
  if (!WHOLE.test(draft.version) || Number(draft.version) < 1) wrong("version", "A whole number from 1");
  if (draft.payer.trim() === "") wrong("payer", "Who is charged");
  if (draft.reason.trim() === "") wrong("reason", "Why it is set");
  if (draft.days.trim() !== "" && (!WHOLE.test(draft.days) || Number(draft.days) < 1))
    wrong("days", "A whole number of days, or nothing");
  const wids = draft.wids.split(/[\s,]+/).filter((wid) => wid !== "");
  if (!wids.every((wid) => UUID.test(wid))) wrong("wids", "Ids of workflows, separated by blanks");
  if (draft.lines.length === 0) wrong("lines", "At least one price");
  const body = {
    tariff_id: draft.id.trim(),
    version: Number(draft.version),
    currency: draft.currency.trim(),
    valid_from: nowS,
    ...(draft.days.trim() === "" ? {} : { valid_to: nowS + Number(draft.days) * DAY_S }),
    lines: draft.lines.map(({ resource, price, minimum, scale, tiers }) => ({
      ...{ resource, unit: UNIT_OF[resource], price: price.trim() },
      ...(tiers.length === 0
        ? {}
        : { tiers: tiers.map(({ upto, price: of }) => ({ upto: upto.trim(), price: of.trim() })) }),
      ...(minimum.trim() === "" ? {} : { minimum: minimum.trim() }),
      rounding: "half_even",
      scale: WHOLE.test(scale) ? Number(scale) : -1,
    })),
  };
  const parsed = tariffBodySchema.safeParse(body);
  if (!parsed.success)
    for (const { path, message } of parsed.error.issues) {
      const place = path.join(".").replace("tariff_id", "id");
      if (!problems.some((problem) => problem.place === place))
        wrong(place, WORDS[path.at(-1)?.toString() ?? ""] ?? message);
    }
  return parsed.success && problems.length === 0
    ? { ok: true, body: parsed.data, account: { payer: draft.payer.trim(), ...(wids.length === 0 ? {} : { wids }) } }
    : { ok: false, problems };
}

const WORDS: Readonly<Record<string, string>> = {
  tariff_id: "Lower-case letters, digits and hyphens",
  currency: "Three capital letters, such as EUR",
  price: "A decimal, such as 0.000003",
  upto: "A decimal above that of the tier before",
  minimum: "A decimal, or nothing",
  scale: "0 to 12",
};
