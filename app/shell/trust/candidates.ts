import type { CertificateView, ExaminedTrust } from "../../api/contract/trust.ts";
import type { Trust } from "../../protocol/identity/trust-statement.ts";

/** A certificate of a file, and what an operator says of it before they sign. */
export interface Candidate {
  readonly facts: CertificateView;
  readonly der: string;
  /** Of a workload's: authorities of the same file that may stand between it and a trusted one. */
  readonly between: readonly string[];
  readonly isChosen: boolean;
  /** Of an authority: the trust domain it is to be believed about. */
  readonly domain: string;
}

/** Whose the keys of a set are. */
export interface KeySet {
  readonly kind: "oauth_client" | "jwks" | "verifier";
  readonly issuer: string;
  readonly clientId: string;
  readonly uri: string;
  readonly subject: string;
  /** Of a verifier: the trust domains whose agents it may speak about, and for how many days. */
  readonly about: string;
  readonly days: string;
}
export const NOBODYS_KEYS: KeySet = {
  ...{ kind: "jwks", issuer: "", clientId: "", uri: "", subject: "", about: "" },
  days: "90",
};

/** As the protocol bounds a chain. */
const MAX_BETWEEN = 5;
const domainOf = (uri: string | undefined): string => /^spiffe:\/\/([^/]+)/i.exec(uri ?? "")?.[1]?.toLowerCase() ?? "";

/** Whether a text has a private or secret key in it: PEM, or a member of a JWK that no public one has. */
export const holdsPrivate = (text: string): boolean =>
  /-----BEGIN [A-Z ]*PRIVATE KEY/.test(text) || /"(?:d|k|priv)"\s*:/.test(text);

/** The workloads and the roots are chosen to begin with: what stands between comes along with the workload's. */
export function candidatesOf({ certificates }: ExaminedTrust): Candidate[] {
  const workload = certificates.find(({ facts }) => !facts.isAuthority);
  const between = certificates
    .filter(({ facts }) => facts.isAuthority && !facts.isRoot)
    .map(({ der }) => der)
    .slice(0, MAX_BETWEEN);
  return certificates.map(({ facts, der }) => ({
    facts,
    der,
    between: facts.isAuthority ? [] : between,
    isChosen: !facts.isAuthority || facts.isRoot || workload === undefined,
    domain: facts.isAuthority ? domainOf(facts.uris[0] ?? workload?.facts.uris[0]) : "",
  }));
}

/** What is to be signed, each by itself; null while something that it needs is not said. */
export function chosenOf(
  seen: ExaminedTrust,
  candidates: readonly Candidate[],
  keySet: KeySet,
  nowMs: number,
): Trust[] | null {
  const trusts = candidates.filter(({ isChosen }) => isChosen).map(certificateTrust);
  const all = seen.keys.length === 0 ? trusts : [...trusts, keysTrust(seen, keySet, nowMs)];
  const complete = all.filter((trust) => trust !== null);
  return complete.length === all.length ? complete : null;
}

function certificateTrust({ facts, der, between, domain }: Candidate): Trust | null {
  if (!facts.isAuthority) return { kind: "x509_certificate", certificate: der, between: [...between] };
  const named = domain.trim().toLowerCase();
  return named === "" ? null : { kind: "x509_anchor", domain: named, certificate: der };
}

const MAX_DAYS = 366;

/** Its results name a key by its thumbprint, whatever the file calls it. */
function verifierTrust({ keys }: ExaminedTrust, said: KeySet, nowMs: number): Trust | null {
  const about = [...new Set(said.about.split(/[\s,]+/).flatMap((one) => (one === "" ? [] : [one.toLowerCase()])))];
  const days = /^\d{1,3}$/.test(said.days.trim()) ? Number(said.days) : 0;
  if (about.length === 0 || days < 1 || days > MAX_DAYS) return null;
  return {
    ...{ kind: "verifier", subject: said.subject.trim(), about },
    keys: keys.map(({ jwk, key }) => ({ ...jwk, kid: key.thumbprint })),
    not_after: Math.floor(nowMs / 1000) + days * 86_400,
  };
}

function keysTrust(seen: ExaminedTrust, keySet: KeySet, nowMs: number): Trust | null {
  const { keys } = seen;
  const { kind, ...said } = keySet;
  const subject = said.subject.trim();
  const [issuer, clientId, uri] = [said.issuer.trim(), said.clientId.trim(), said.uri.trim()];
  const jwks = keys.map(({ jwk }) => jwk);
  if (subject === "") return null;
  if (kind === "verifier") return verifierTrust(seen, keySet, nowMs);
  if (kind === "jwks") return uri === "" ? null : { kind, jwks_uri: uri, subject, keys: jwks };
  return issuer === "" || clientId === "" ? null : { kind, issuer, client_id: clientId, subject, keys: jwks };
}
