import { useContext } from "react";
import { Facts } from "../../../ui/definition-list.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { Section } from "../detail/section.tsx";
import { LeaseMark } from "./liveness-tag.tsx";
import { clockWords, linkMark, planWords, STAGE_WORDS } from "./liveness-words.ts";
import { LivenessContext } from "./use-liveness.ts";

/** In the details of a task: the lease, the link and the plan of its agent. */
export function LivenessSection({ agent }: { readonly agent: number }) {
  const liveness = useContext(LivenessContext);
  const one = liveness?.byIndex.get(agent);
  if (liveness === null || one === undefined) return null;
  const { lease, link, plan } = one;
  const clock = clockWords(one.clockOffsetMs);
  return (
    <Section title="Lease and link of its agent">
      <Facts
        items={[
          {
            term: "Lease",
            value:
              lease === null ? "none: it needs no renewal" : <LeaseMark lease={lease} readAtMs={liveness.readAtMs} />,
            ...(lease === null ? {} : { hint: <bdi>given by {visibleText(lease.by)}</bdi> }),
          },
          {
            term: "Link",
            value:
              link === null ? (
                "not lost"
              ) : (
                <>
                  <Mark {...linkMark(one)} /> heard of <Ago sinceMs={link.heardAt * 1000} />
                </>
              ),
            ...(link === null ? {} : { hint: STAGE_WORDS[link.stage] }),
          },
          {
            term: "Clock",
            value: clock.far ? <Mark shape="diamond" tone="warning" label={clock.text} /> : clock.text,
            ...(clock.far ? { hint: "Its times order nothing: what follows from what does, as in the log." } : {}),
          },
          { term: "When it is lost", value: planWords(plan), ...(one.declared ? {} : { hint: "the default" }) },
        ]}
      />
    </Section>
  );
}
