import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { TrustedItemView } from "../../api/contract/trust.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Empty, Loading, ProblemNote } from "../../ui/states.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { EndTrust } from "./end-trust.tsx";
import { TrustForm } from "./trust-form.tsx";
import { aboutWords, CertificateFacts, KeyList, Validity } from "./trust-words.tsx";

/**
 * Whom the log believes about identities of other frameworks (XA-63). A safety officer says it here; everybody may look.
 */
export function TrustPart({ mayState }: { readonly mayState: boolean }) {
  const { orpc } = useApi();
  const trust = useQuery(orpc.identity.trust.queryOptions());
  const [isAdding, setAdding] = useState(false);
  if (trust.isError) return <ProblemNote problem={problemOf(trust.error)} onRetry={() => void trust.refetch()} />;
  if (trust.data === undefined) return <Loading what="whom this log believes" />;
  const inForce = trust.data.items.filter(({ ended }) => ended === null);
  const over = trust.data.items.filter(({ ended }) => ended !== null);
  return (
    <div className="space-y-4">
      <p className="max-w-prose">
        An audit token may name its issuer by a certificate, an OAuth client or a key set. Such a token is checked only
        against what is listed here. Nothing is fetched from a network. Where something is missing, the token reads
        “cannot be checked”. Verifiers of other domains are listed here as well: what they say of their agents is kept
        as what they assert, and is never a verdict of this log.
      </p>
      {mayState ? null : (
        <p role="note" className="max-w-prose border border-notice bg-notice-soft px-3 py-2">
          You can look. Who is believed is a safety officer’s to say.
        </p>
      )}
      {!mayState ? null : isAdding ? (
        <TrustForm onDone={() => setAdding(false)} />
      ) : (
        <Button variant="primary" onPress={() => setAdding(true)}>
          Trust something …
        </Button>
      )}
      {inForce.length === 0 ? (
        <Empty title="Nothing is trusted yet">
          Audit tokens of this log’s own identities and of DIDs verify without it.
        </Empty>
      ) : (
        <ul aria-label="In force" className="space-y-4">
          {inForce.map((item) => (
            <TrustedItem key={item.jti} item={item} mayEnd={mayState} />
          ))}
        </ul>
      )}
      {over.length === 0 ? null : (
        <details>
          <summary className="cursor-pointer py-0.5">Ended: {over.length}</summary>
          <ul aria-label="Ended" className="mt-2 space-y-4">
            {over.map((item) => (
              <TrustedItem key={item.jti} item={item} mayEnd={false} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function TrustedItem({ item, mayEnd }: { readonly item: TrustedItemView; readonly mayEnd: boolean }) {
  const [isEnding, setEnding] = useState(false);
  const { about, stated, ended } = item;
  const words = aboutWords(about);
  return (
    <li className="space-y-2 border-t border-line pt-3 first:border-t-0 first:pt-0">
      <h3 className="font-semibold">{words}</h3>
      {about.kind === "x509_anchor" || about.kind === "x509_certificate" ? (
        <CertificateFacts certificate={about.certificate} />
      ) : (
        <Facts
          items={[
            { term: "Whose", value: <UntrustedText text={about.subject} maxCharacters={400} mono /> },
            { term: about.keys.length === 1 ? "Key" : "Keys", value: <KeyList keys={about.keys} /> },
            ...(about.kind === "verifier"
              ? [{ term: "Until", value: <Validity from={stated.at} until={about.until} /> }]
              : []),
          ]}
        />
      )}
      {about.kind === "x509_certificate" && about.between.length > 0 ? (
        <p className="text-muted">
          With {about.between.length} {about.between.length === 1 ? "authority" : "authorities"} that may stand between
          it and a trusted one. It counts only where a trusted authority stands behind it.
        </p>
      ) : null}
      <Said what="Stated" {...stated} />
      {ended === null ? null : (
        <>
          <Said what="Ended" {...ended} />
          <p className="text-muted">What was logged before entry {ended.seq} goes on verifying by it.</p>
        </>
      )}
      {!mayEnd ? null : isEnding ? (
        <EndTrust jti={item.jti} words={words} onDone={() => setEnding(false)} />
      ) : (
        <Button size="sm" onPress={() => setEnding(true)} aria-label={`End: ${words}`}>
          End it …
        </Button>
      )}
    </li>
  );
}

function Said({ what, by, at, seq, reason }: TrustedItemView["stated"] & { readonly what: string }) {
  return (
    <p className="text-xs text-muted">
      {what} <Instant epochMs={at * 1000} full /> by {visibleText(by)} in entry {seq}: <UntrustedText text={reason} />
    </p>
  );
}
