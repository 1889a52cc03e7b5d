import { formatCount } from "../ui/duration.ts";
import { cutText, visibleText } from "../ui/visible-text.ts";

/** One line of the palette. */
export interface Command {
  readonly id: string;
  readonly name: string;
  readonly hint?: string;
  readonly keys?: string;
  /** Words by which it is found that it does not show. */
  readonly words?: string;
  /** It leaves the palette open. */
  readonly staysOpen?: boolean;
  /** Null for a line that only says something. */
  readonly run: (() => void) | null;
}

export interface Group {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** What of a query the palette needs to tell an empty list from one that is not there. */
export interface ListQuery {
  readonly data: unknown;
  readonly isError: boolean;
  refetch(): Promise<unknown>;
}

/** A name from outside on one line. */
export const plainName = (name: string): string => visibleText(cutText(name, 80).head);

/** What stands in a group whose list is not there: a failed or slow one never looks empty (L2). */
export function unreadLine(query: ListQuery, what: string): Command[] {
  if (query.data !== undefined) return [];
  if (!query.isError) return [{ id: `reading ${what}`, name: `Reading ${what} …`, run: null }];
  return [
    {
      id: `failed ${what}`,
      name: `Not read: ${what}. Try again`,
      staysOpen: true,
      run: () => void query.refetch(),
    },
  ];
}

export const countHint = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
