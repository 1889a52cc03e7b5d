import { formatCount } from "../../../ui/duration.ts";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { BatchMember } from "./batch-member.ts";
import type { Differences } from "./differences.ts";

/** Columns shown; the rest is counted, and read where a request is opened. */
const COLUMNS = 5;
const VALUE_CHARACTERS = 80;

export interface DifferencesTableProps {
  readonly members: readonly BatchMember[];
  readonly differences: Differences;
}

/** In what the members of a batch differ: a row for each, a column for each place that is not the same in all. */
export function DifferencesTable({ members, differences }: DifferencesTableProps) {
  const columns = differences.places.slice(0, COLUMNS);
  const more = differences.places.length - columns.length;
  return (
    <>
      <p className="mb-1">
        {differences.places.length === 0
          ? "Their targets and arguments are the same."
          : `They differ in ${formatCount(differences.places.length)} ${differences.places.length === 1 ? "place" : "places"}; ${formatCount(differences.same)} are the same in all.`}
        {differences.complete ? "" : " There is more than is compared here."}
      </p>
      <div className="overflow-x-auto border border-line">
        <table className="w-full text-left text-xs" aria-label="Differences">
          <thead className="bg-sunken text-muted">
            <tr>
              <th className="px-2 font-normal">Task</th>
              {columns.map(({ path }) => (
                <th key={path} className="px-2 font-normal">
                  <UntrustedText text={path} maxCharacters={60} mono />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {members.map(({ detail }) => (
              <tr key={detail.row.request} className="border-t border-line align-top">
                <td className="px-2 py-0.5">
                  <UntrustedText text={detail.row.taskName} maxCharacters={60} />
                </td>
                {columns.map(({ path, values }) => (
                  <td key={path} className="px-2 py-0.5">
                    <UntrustedText
                      text={values.get(detail.row.request) ?? "not there"}
                      maxCharacters={VALUE_CHARACTERS}
                      mono
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 ? (
        <p className="mt-1 text-warning">
          {formatCount(more)} more places differ that do not fit here: read them in the requests themselves.
        </p>
      ) : null}
    </>
  );
}
