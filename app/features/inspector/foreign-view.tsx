import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { type Examined, examine, type Known, type Proof, readKnown } from "../../protocol/transparency/examine.ts";
import { besideOf, type Foreign } from "../../protocol/transparency/foreign.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";

/** A proof of a transparency log, recomputed on this page: each of its parts, and what follows from it (XA-54). */
export function ForeignView({ foreign }: { readonly foreign: Foreign }) {
  const { client } = useApi();
  const [beside, setBeside] = useState("");
  const own = useQuery({
    queryKey: ["inspect", "known keys"],
    queryFn: async ({ signal }) => {
      const [{ checkpoint }, { logs }, { anchors }] = await Promise.all([
        client.anchors.checkpoint(undefined, { signal }),
        client.anchors.watched(undefined, { signal }),
        client.anchors.list(undefined, { signal }),
      ]);
      const witnesses = anchors.flatMap((anchor) => anchor.witnesses);
      return [checkpoint, ...logs, ...witnesses].map(({ verifierKey }) => verifierKey);
    },
    staleTime: 2_000,
    retry: false,
  });
  const keys = own.data ?? [];
  const examined = useQuery({
    queryKey: ["examine", foreign, beside, keys],
    queryFn: async () => {
      const sha256 = await createSha256();
      const given = besideOf(beside);
      const known = await readKnown(given, keys, sha256);
      return { ...(await examine(foreign, given, known, sha256)), known, unread: given.unread };
    },
    // The keys of this console are asked for first; without them the others still count.
    enabled: !own.isPending,
    gcTime: 0,
    retry: false,
  });
  return (
    <article aria-label="Proof brought in" className="flex min-w-0 flex-col">
      {examined.data !== undefined ? (
        <Findings found={examined.data} />
      ) : examined.isError ? (
        <ProblemNote problem={problemOf(examined.error)} onRetry={() => void examined.refetch()} />
      ) : (
        <Loading what="the proof" />
      )}
      <Section title="Whom to believe">
        <TextField
          label="Keys, and what belongs to it"
          value={beside}
          onChange={setBeside}
          multiline
          mono
          rows={4}
          description="Verifier keys, public keys (JWK) or a Sigstore trusted root; for a receipt the token, for a tile its checkpoint. One a line; nothing of it is kept. The keys of this console's log, of its witnesses and of the logs it watches count anyway."
        />
        {examined.data === undefined ? null : <KeysRead {...examined.data} />}
      </Section>
    </article>
  );
}

function KeysRead({ known, unread }: { readonly known: Known; readonly unread: number }) {
  const said = [
    ...known.unusable.map((why) => `A key cannot be used: ${why}.`),
    ...(unread === 0
      ? []
      : [unread === 1 ? "1 line is no key and was not used." : `${unread} lines are no keys and were not used.`]),
  ];
  return (
    <div role="status" className="mt-1 text-warning">
      {said.map((line) => (
        <p key={line}>
          <UntrustedText text={line} />
        </p>
      ))}
    </div>
  );
}

const LOOKS = {
  verified: { shape: "dot", tone: "good", label: "verified" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  not_checked: { shape: "ring", tone: "warning", label: "not checked" },
} as const;

function Findings({ found }: { readonly found: Examined }) {
  const { name, states, proofs, proves, leavesOpen } = found;
  return (
    <>
      <h2 className="text-base font-semibold">{name}</h2>
      <p className="mt-1">
        <span className="font-medium">Proves: </span>
        <UntrustedText text={proves} />
      </p>
      <p className="text-muted">
        <span className="font-medium">Leaves open: </span>
        {leavesOpen}
      </p>
      <Section title="Proofs">
        <ul className="divide-y divide-line border-y border-line">
          {proofs.map((proof) => (
            <ProofRow key={`${proof.what} ${proof.detail}`} proof={proof} />
          ))}
        </ul>
      </Section>
      {states.length === 0 ? null : (
        <Section title="What it says of itself">
          <Facts
            items={states.map(([term, value]) => ({
              term,
              value: <UntrustedText text={value} maxCharacters={300} mono />,
            }))}
          />
        </Section>
      )}
    </>
  );
}

function ProofRow({ proof: { what, result, detail, code } }: { readonly proof: Proof }) {
  return (
    <li className="py-1">
      <div className="flex gap-2">
        <span className="min-w-0 flex-1 font-medium">
          <UntrustedText text={what} maxCharacters={160} />
        </span>
        <Mark {...LOOKS[result]} />
      </div>
      <p className="text-xs text-muted">
        <UntrustedText text={detail} />
        {code === undefined ? null : <span className="font-mono"> {code}</span>}
      </p>
    </li>
  );
}
