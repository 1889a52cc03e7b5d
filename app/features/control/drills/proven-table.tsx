import type { ProofView } from "../../../api/contract/drill.ts";
import { useMinute } from "../../../ui/clock.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { CONTROL_NAMES, HOW, isOverdue, TO_PROVE } from "./drill-words.ts";

/** Each means of control with the day it was last proven on, and what is overdue (S12). */
export function ProvenTable({ controls }: { readonly controls: readonly ProofView[] }) {
  const nowMs = useMinute();
  return (
    <Section title="Proven on" level={2}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wider than a narrow screen, and scrolled by the arrow keys there */}
      <div className="overflow-x-auto -outline-offset-2" tabIndex={0}>
        <table className="w-full min-w-136 text-left">
          <thead className="text-xs text-muted">
            <tr>
              {["Control", "State", "Last proven on", "By", "Due"].map((name) => (
                <th key={name} scope="col" className="py-1 pr-4 font-normal">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {controls.map((proof) => (
              <tr key={proof.control} className="border-t border-line align-top">
                <th scope="row" className="py-1 pr-4 font-medium">
                  {CONTROL_NAMES[proof.control]}
                </th>
                <td className="py-1 pr-4">
                  {isOverdue(proof, nowMs) ? (
                    <Mark shape="triangle" tone="warning" label={proof.last === null ? "never proven" : "overdue"} />
                  ) : (
                    <Mark shape="dot" tone="good" label="proven" />
                  )}
                </td>
                <td className="py-1 pr-4">
                  {proof.last === null ? (
                    <span className="text-muted">{TO_PROVE[proof.control]}</span>
                  ) : (
                    <>
                      <Instant epochMs={proof.last.at * 1000} full />, <Ago sinceMs={proof.last.at * 1000} />
                    </>
                  )}
                </td>
                <td className="py-1 pr-4">
                  {proof.last === null ? null : (
                    <GoLink to="/timeline" search={{ entry: proof.last.seq }}>
                      {HOW[proof.last.how]}
                    </GoLink>
                  )}
                </td>
                <td className="py-1">{proof.dueAt === null ? "now" : <Instant epochMs={proof.dueAt * 1000} full />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
