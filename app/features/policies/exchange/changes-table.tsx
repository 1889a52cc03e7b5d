import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { PolicyChange } from "./policy-changes.ts";

/** Old beside new, one change a row. */
export function ChangesTable({ changes }: { readonly changes: readonly PolicyChange[] }) {
  if (changes.length === 0) return <p>Nothing: the draft says what is in force.</p>;
  return (
    <div className="border border-line">
      <table aria-label="Changes" className="w-full table-fixed">
        <thead className="text-left text-xs text-muted">
          <tr>
            {["What", "In force now", "In its place"].map((name) => (
              <th key={name} scope="col" className="px-2 py-1 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {changes.map(({ what, before, after }) => (
            <tr key={what} className="border-t border-line align-top">
              <th scope="row" className="px-2 py-1 text-left font-medium [overflow-wrap:anywhere]">
                {what}
              </th>
              <td className="px-2 py-1 [overflow-wrap:anywhere]">
                {before === null ? <Nothing /> : <UntrustedText text={before} />}
              </td>
              <td className="px-2 py-1 [overflow-wrap:anywhere]">
                {after === null ? <Nothing /> : <UntrustedText text={after} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Nothing = () => <span className="text-muted">nothing</span>;
