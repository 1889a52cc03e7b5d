import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { NOW } from "./audit.fixture.ts";

export const KeyUsageFlags = x509.KeyUsageFlags;
export const WORKLOAD = "spiffe://ops.example/gateway";
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** RSA keys of so many bits. */
export const rsaOf = (modulusLength: number): RsaHashedKeyGenParams => ({
  ...{ name: "RSASSA-PKCS1-v1_5", modulusLength, hash: "SHA-256" },
  publicExponent: new Uint8Array([1, 0, 1]),
});
export const OVER_SHA1 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-1" } as const;

export interface CertificateChange {
  readonly ca?: boolean;
  readonly rootLength?: number;
  readonly uris?: readonly string[];
  readonly usage?: x509.KeyUsageFlags;
  readonly leafCa?: boolean;
  readonly constrained?: boolean;
  /** Its limits on names are there, but not marked as critical. */
  readonly loosely?: boolean;
  /** How the root's key signs; ECDSA with P-256 unless told. */
  readonly rootBy?: (EcdsaParams & EcKeyGenParams) | RsaHashedKeyGenParams;
  /** They are in force from an hour before until so many seconds after this second. */
  readonly madeS?: number;
  readonly lastsS?: number;
  /** The workload's key; a new one unless given. */
  readonly publicKey?: CryptoKey;
}

/** Root, one authority below it, and the workload's certificate; DER, and as one PEM text. */
export async function certificates(change: CertificateChange = {}) {
  const {
    ca = true,
    rootLength,
    uris = [WORKLOAD],
    madeS = NOW,
    lastsS = 3600,
    usage = x509.KeyUsageFlags.digitalSignature,
  } = change;
  const keys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  const rootAlgorithm = change.rootBy ?? ECDSA;
  const [rootKeys, middleKeys, leafKeys] = await Promise.all([
    crypto.subtle.generateKey(rootAlgorithm, true, ["sign", "verify"]),
    keys(),
    keys(),
  ]);
  const times = { notBefore: new Date((madeS - 3600) * 1000), notAfter: new Date((madeS + lastsS) * 1000) };
  const authority = (length?: number) => [
    new x509.BasicConstraintsExtension(true, length, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
  ];
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Root",
    keys: rootKeys,
    signingAlgorithm: rootAlgorithm,
    extensions: authority(rootLength),
    ...times,
  });
  const middle = await x509.X509CertificateGenerator.create({
    subject: "CN=Middle",
    issuer: "CN=Root",
    publicKey: middleKeys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: rootAlgorithm,
    extensions: [
      ...(ca ? authority() : []),
      // Name constraints: an empty sequence.
      ...(change.constrained === true
        ? [new x509.Extension("2.5.29.30", change.loosely !== true, new Uint8Array([0x30, 0x00]))]
        : []),
    ],
    ...times,
  });
  const leaf = await x509.X509CertificateGenerator.create({
    subject: "CN=Workload",
    issuer: "CN=Middle",
    publicKey: change.publicKey ?? leafKeys.publicKey,
    signingKey: middleKeys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(change.leafCa === true),
      new x509.KeyUsagesExtension(usage, true),
      ...(uris.length === 0
        ? []
        : [new x509.SubjectAlternativeNameExtension(uris.map((value) => ({ type: "url" as const, value })))]),
    ],
    ...times,
  });
  const der = (certificate: x509.X509Certificate) => new Uint8Array(certificate.rawData);
  const pem = [leaf, middle, root].map((one) => one.toString("pem")).join("\n");
  return { root: der(root), middle: der(middle), leaf: der(leaf), leafKeys, pem };
}
