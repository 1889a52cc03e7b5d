import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Section } from "../../../ui/section.tsx";
import { Empty } from "../../../ui/states.tsx";
import { Answered } from "../answered.tsx";
import { word } from "../words.ts";
import { AssertedTable } from "./asserted-table.tsx";
import { BringForm } from "./bring-form.tsx";

/** What pinned verifiers of other domains assert about agents of theirs (BEH-27): beside what is known here, never among it. */
export function OthersView() {
  const { orpc } = useApi();
  const query = useQuery(orpc.behavior.asserted.queryOptions());
  return (
    <Answered query={query} what="what other domains assert">
      {({ results, verifiers }) => (
        <div className="space-y-4 pt-2">
          <p className="max-w-prose">
            What verifiers of other domains say of their own agents. Each is that verifier’s word: who said it, and
            when, was checked; what it says was not. No verdict, trust or benchmark of this log rests on it.
          </p>
          {verifiers.length === 0 ? (
            <Empty title="No verifier of another domain is pinned">
              Results of other domains are refused until a safety officer pins the key of their verifier: in People and
              roles, under Trusted identities.
            </Empty>
          ) : (
            <Section title="Pinned now" level={2}>
              <ul aria-label="Pinned verifiers" className="list-disc pl-5">
                {verifiers.map(({ subject, about, until }) => (
                  <li key={subject}>
                    <bdi>{word(subject, 160)}</bdi>, about agents of <bdi>{word(about.join(", "), 200)}</bdi>, until{" "}
                    <Instant epochMs={until * 1000} full />
                  </li>
                ))}
              </ul>
              <div className="mt-3">
                <BringForm />
              </div>
            </Section>
          )}
          {results.length === 0 ? null : <AssertedTable results={results} />}
        </div>
      )}
    </Answered>
  );
}
