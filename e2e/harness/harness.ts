import { connectEmbedded, type EmbeddedConnection } from "../../app/api/embedded/connect.ts";
import { generateSigner } from "../../app/protocol/jose/keys.ts";
import { signToken } from "../../app/protocol/jose/sign-token.ts";

/** What a tab of the harness has been promised by the host. */
export interface Acknowledged {
  readonly subject: string;
  readonly seq: number;
  readonly atMs: number;
}

export interface Harness {
  readonly connection: EmbeddedConnection;
  readonly acknowledged: Acknowledged[];
  readonly failures: string[];
  /** Writes one entry after the other until told to stop. */
  write(label: string): Promise<void>;
  stop(): void;
  role(): string;
  /** Resolves when this tab leads. */
  leads(): Promise<void>;
  /** Every subject in the log with how often, and whether the log verifies. */
  audit(): Promise<{ subjects: [string, number][]; size: number; firstBad: unknown }>;
}

declare global {
  interface Window {
    harness: Harness;
  }
}

const connection = connectEmbedded("harness");
const acknowledged: Acknowledged[] = [];
const failures: string[] = [];
let going = true;

async function enrolOnce(label: string, at: number): Promise<void> {
  const { signer, jwk } = await generateSigner();
  const nowS = Math.floor(Date.now() / 1000);
  const subject = `spiffe://console.local/human/${label}-${at}`;
  const claims = {
    iss: subject,
    aud: ["spiffe://console.local/log"],
    iat: nowS,
    exp: nowS + 300,
    jti: crypto.randomUUID(),
  };
  const proof = await signToken("operator-enrolment+jwt", { ...claims, name: label }, signer);
  const { seq } = await connection.client.identity.enrolOperator({ jwk, proof });
  acknowledged.push({ subject, seq, atMs: Date.now() });
}

window.harness = {
  connection,
  acknowledged,
  failures,
  write: async (label) => {
    for (let at = 0; going; at += 1) {
      try {
        await enrolOnce(label, at);
      } catch (error) {
        failures.push(String(error));
      }
    }
  },
  stop: () => {
    going = false;
  },
  role: () => connection.connection.getState().state,
  leads: () =>
    new Promise((resolve) => {
      const store = connection.connection;
      const look = (): void => {
        if (store.getState().state !== "leader") return;
        end();
        resolve();
      };
      const end = store.subscribe(look);
      look();
    }),
  audit: async () => {
    const subjects = new Map<string, number>();
    const { operators, position } = await connection.client.identity.describe();
    for (const operator of operators) subjects.set(operator.subject, (subjects.get(operator.subject) ?? 0) + 1);
    let firstBad: unknown = null;
    for await (const event of await connection.client.audit.verify())
      if (event.type === "report") firstBad = event.report.firstBad;
    return { subjects: [...subjects], size: position.size, firstBad };
  },
};
