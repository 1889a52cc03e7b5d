import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Mark, MarkIcon } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import type { EntryDetail } from "./entry-detail.ts";
import { answerMark } from "./names.ts";
import { treeGrowth } from "./tree-growth.ts";

/** The token's verification, recomputed by the host as of the time of receipt. */
export function EntrySteps({ steps }: { readonly steps: EntryDetail["steps"] }) {
  const failed = steps.find((step) => step.result === "failed");
  const passed = steps.filter((step) => step.result === "passed").length;
  return (
    <Section title="Verification">
      {failed === undefined ? (
        <Mark
          {...answerMark(passed === 0 ? "not_checked" : "passed")}
          label={`${passed} of ${steps.length} steps passed, as of its receipt`}
        />
      ) : (
        <Mark {...answerMark("failed")} label={`failed at step ${failed.step}: ${failed.code ?? failed.check}`} />
      )}
      <details className="mt-1" open={failed !== undefined}>
        <summary className="cursor-default py-0.5 text-muted">Every step</summary>
        <ol className="mt-1 space-y-0.5">
          {steps.map((step) => {
            const mark = answerMark(step.result);
            return (
              <li key={step.step} className="flex items-baseline gap-2">
                <span className="w-5 shrink-0 text-right text-xs text-muted">{step.step}</span>
                <span className="self-center">
                  <MarkIcon shape={mark.shape} tone={mark.tone} size={10} />
                </span>
                <span className="min-w-0">
                  <span className="sr-only">{mark.label}: </span>
                  <span className={step.result === "not_reached" ? "text-muted" : ""}>{step.check}</span>
                  {step.code === undefined ? null : <span className="font-mono text-xs"> {step.code}</span>}
                  {step.detail === undefined ? null : (
                    <span className="text-muted">
                      {" "}
                      <UntrustedText text={step.detail} />
                    </span>
                  )}
                </span>
              </li>
            );
          })}
        </ol>
      </details>
    </Section>
  );
}

/** The log's receipt for the entry and its inclusion proof, followed once more on this page. */
export function EntryProof({ entry: { leaf, receipt } }: { readonly entry: EntryDetail }) {
  const { claims } = receipt;
  const followed = useQuery({
    queryKey: ["inclusion", leaf, claims.seq, claims.tree_size, claims.root, claims.path.join(" ")],
    queryFn: async () => (await treeGrowth(leaf, claims.seq, claims.tree_size, claims.path))?.rootNow === claims.root,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Section title="Proof">
      <ul className="mb-2 space-y-0.5 [&_li]:items-start">
        <li className="flex gap-x-2">
          <Mark {...answerMark(receipt.verified ? "passed" : "failed")} label="Receipt" />
          <span className="min-w-0 text-muted">
            {receipt.verified ? "verified by the host" : "not verified"}
            {receipt.detail === "" ? null : (
              <>
                : <UntrustedText text={receipt.detail} />
              </>
            )}
          </span>
        </li>
        <li className="flex gap-x-2">
          <Mark
            {...answerMark(followed.data === undefined ? "not_checked" : followed.data ? "passed" : "failed")}
            label="Inclusion"
          />
          <span className="text-muted">
            {followed.data === undefined
              ? "being followed on this page"
              : followed.data
                ? "followed on this page up to the root"
                : "the path does not lead to the root"}
          </span>
        </li>
      </ul>
      <Facts
        items={[
          { term: "Leaf", value: <Identifier value={leaf} label="leaf" /> },
          { term: "Root", value: <Identifier value={claims.root} label="root" /> },
          {
            term: "Tree",
            value: `${formatCount(claims.tree_size)} entries, path of ${formatCount(claims.path.length)} ${claims.path.length === 1 ? "hash" : "hashes"}`,
          },
        ]}
      />
      <CoseReceipt seq={claims.seq} />
    </Section>
  );
}

/** The same proof in the form of other transparency services (XA-50), made when somebody asks for it. */
function CoseReceipt({ seq }: { readonly seq: number }) {
  const { client } = useApi();
  const [said, setSaid] = useState("");
  const copy = useMutation({
    mutationFn: async () => {
      const { cose } = await client.anchors.receipt({ seq });
      await navigator.clipboard.writeText(cose);
    },
    onSuccess: () => setSaid("Copied, in base64"),
    onError: (error) => setSaid(`Not copied: ${problemOf(error).detail}`),
  });
  return (
    <p className="mt-2 flex flex-wrap items-center gap-2">
      <Button size="sm" isDisabled={copy.isPending} onPress={() => copy.mutate()}>
        Copy as COSE receipt
      </Button>
      <span role="status" className="text-xs text-muted">
        {said}
      </span>
    </p>
  );
}
