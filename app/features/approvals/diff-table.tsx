import { formatCount } from "../../ui/duration.ts";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import type { ArgumentChange, ArgumentDiff } from "./argument-diff.ts";

/** Changes shown before the rest is counted, and characters of a value. */
const SHOWN = 20;
const VALUE_CHARACTERS = 160;

/** What differs between two argument values: place, before, now; words beside the colours. */
export function DiffTable({
  diff,
  was,
  now,
}: {
  readonly diff: ArgumentDiff;
  readonly was: string;
  readonly now: string;
}) {
  const { changes, same, complete } = diff;
  return (
    <>
      {changes.length === 0 ? (
        <p>{complete ? "The arguments are the same." : "The arguments cannot be compared."}</p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full text-left text-xs">
            <thead className="text-muted">
              <tr>
                <th className="pr-3 font-normal">Where</th>
                <th className="pr-3 font-normal">{was}</th>
                <th className="font-normal">{now}</th>
              </tr>
            </thead>
            <tbody>
              {changes.slice(0, SHOWN).map((change) => (
                <Change key={change.path} change={change} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="mt-1 text-xs text-muted">
        {changes.length > SHOWN ? `${formatCount(changes.length - SHOWN)} more places differ. ` : ""}
        {same === 0 ? "" : `${formatCount(same)} ${same === 1 ? "place is" : "places are"} the same.`}
        {complete || changes.length === 0 ? "" : " There is more than is compared here."}
      </p>
    </>
  );
}

function Change({ change }: { readonly change: ArgumentChange }) {
  return (
    <tr className="border-t border-line align-top">
      <td className="max-w-48 py-0.5 pr-3">
        <UntrustedText text={change.path === "" ? "(everything)" : change.path} maxCharacters={80} mono />
      </td>
      <td className="py-0.5 pr-3">
        <Value text={change.before} />
      </td>
      <td className="bg-notice-soft py-0.5">
        <Value text={change.after} />
      </td>
    </tr>
  );
}

function Value({ text }: { readonly text: string | null }) {
  if (text === null) return <span className="text-muted">not there</span>;
  return <UntrustedText text={text} maxCharacters={VALUE_CHARACTERS} mono />;
}
