import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { problemOf } from "../../api/client/problem.ts";
import { type TrailAnswer, type TrailQuestion, useTrailQuery } from "../../operator/use-trail-query.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { AskedPart } from "./asked-part.tsx";

const AskDialog = lazy(() => import("./ask-dialog.tsx").then((loaded) => ({ default: loaded.AskDialog })));
const AskAnswer = lazy(() => import("./ask-answer.tsx").then((loaded) => ({ default: loaded.AskAnswer })));

export interface AskPartProps {
  /** Every domain that can be asked, and which of them is the console's own. */
  readonly domains: readonly string[];
  readonly own: string | null;
  readonly wid: string | undefined;
}

/** Questions to the trails of other domains, what became of them, and the newest answer (XDA-7, XDA-77). */
export function AskPart({ domains, own, wid }: AskPartProps) {
  const [asking, setAsking] = useState<Partial<TrailQuestion> | null>(null);
  const [answered, setAnswered] = useState<{ readonly to: TrailQuestion; readonly answer: TrailAnswer } | null>(null);
  const ask = useTrailQuery();
  const fetched = useMutation({
    mutationFn: ask,
    onSuccess: (answer, to) => setAnswered({ to, answer }),
  });
  return (
    <Section
      title="Ask other domains"
      level={2}
      aside={
        <Button size="sm" writes onPress={() => setAsking(wid === undefined ? {} : { wid })}>
          Ask …
        </Button>
      }
    >
      {answered === null ? (
        <p className="max-w-prose text-muted">
          What a domain keeps apart from its records it shows to whom its rules name, and for a purpose. It has every
          question on record.
        </p>
      ) : (
        <Suspense fallback={<Loading what="the answer" />}>
          <AskAnswer
            answers={answered.answer.answers}
            complete={answered.answer.complete}
            page={answered.to.page}
            onNext={(domain, page) => {
              const next = { ...answered.to, domains: [domain], page };
              if (next.held === undefined) setAsking(next);
              else fetched.mutate(next);
            }}
          />
        </Suspense>
      )}
      {fetched.isError ? <ProblemNote problem={problemOf(fetched.error)} /> : null}
      <AskedPart isBusy={fetched.isPending} onAsk={setAsking} onFetch={fetched.mutate} />
      {asking === null ? null : (
        <Suspense fallback={<Loading what="the question" />}>
          <AskDialog
            domains={domains}
            own={own}
            first={asking}
            onAnswer={(to, answer) => setAnswered({ to, answer })}
            onClose={() => setAsking(null)}
          />
        </Suspense>
      )}
    </Section>
  );
}
