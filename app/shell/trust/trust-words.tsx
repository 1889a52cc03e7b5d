import type { CertificateView, ExaminedTrust, TrustedItemView } from "../../api/contract/trust.ts";
import { useNow } from "../../ui/clock.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { cutText, visibleText } from "../../ui/visible-text.ts";

const DAY_S = 86_400;
/** Long enough before the end to have another made. */
const WARN_BEFORE_S = 30 * DAY_S;

const plain = (text: string): string => visibleText(cutText(text, 120).head);

/** What a statement is about, on one line. */
export function aboutWords(about: TrustedItemView["about"]): string {
  switch (about.kind) {
    case "x509_anchor":
      return `Authority for ${about.domain}: ${plain(about.certificate.subject)}`;
    case "x509_certificate":
      return `Certificate of ${plain(about.certificate.uris[0] ?? about.certificate.subject)}`;
    case "oauth_client":
      return `Client ${plain(about.clientId)} of ${plain(about.issuer)}`;
    case "jwks":
      return `Key set ${plain(about.uri)}`;
    case "verifier":
      return `Verifier ${plain(about.subject)}, about agents of ${plain(about.about.join(", "))}`;
  }
}

/** Whether a certificate is in force, and for how long still; what is over or nearly so says it in words. */
export function Validity({ from, until }: Pick<CertificateView, "from" | "until">) {
  const nowS = useNow() / 1000;
  const days = Math.floor((until - nowS) / DAY_S);
  return (
    <div className="flex flex-wrap items-center gap-x-3">
      <span>
        <Instant epochMs={from * 1000} full /> to <Instant epochMs={until * 1000} full />
      </span>
      {nowS < from ? <Mark shape="triangle" tone="warning" label="not in force yet" /> : null}
      {nowS > until ? <Mark shape="cross" tone="critical" label="over: nothing new verifies by it" /> : null}
      {nowS <= until && until - nowS < WARN_BEFORE_S ? (
        <Mark
          shape="triangle"
          tone="warning"
          label={days < 1 ? "ends within a day" : `ends in ${days} ${days === 1 ? "day" : "days"}`}
        />
      ) : null}
    </div>
  );
}

export function CertificateFacts({ certificate }: { readonly certificate: CertificateView }) {
  const { subject, issuer, fingerprint, uris, isRoot, isAuthority, problem } = certificate;
  return (
    <Facts
      items={[
        { term: "Subject", value: <UntrustedText text={subject} maxCharacters={200} /> },
        {
          term: "Issuer",
          value: isRoot ? "itself" : <UntrustedText text={issuer} maxCharacters={200} />,
          ...(isAuthority ? { hint: "an authority: may sign other certificates" } : {}),
        },
        { term: "Fingerprint", value: <Identifier value={fingerprint} label="SHA-256 fingerprint" whole /> },
        { term: "In force", value: <Validity {...certificate} /> },
        ...(uris.length === 0
          ? []
          : [{ term: "Names", value: <UntrustedText text={uris.join(", ")} maxCharacters={400} mono /> }]),
        ...(problem === null ? [] : [{ term: "Cannot be used", value: problem }]),
      ]}
    />
  );
}

export function KeyList({ keys }: { readonly keys: readonly ExaminedTrust["keys"][number]["key"][] }) {
  return (
    <ul>
      {keys.map(({ kid, thumbprint, alg }) => (
        <li key={thumbprint} className="flex min-h-7 flex-wrap items-center gap-x-2">
          {kid === null ? (
            <span className="text-muted">no name</span>
          ) : (
            <UntrustedText text={kid} maxCharacters={80} mono />
          )}
          <span className="text-muted">{alg}</span>
          <Identifier value={thumbprint} label="key thumbprint" />
        </li>
      ))}
    </ul>
  );
}
