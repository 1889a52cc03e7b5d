import { must } from "../base/assert.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Unavailable } from "../engine/ports.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import { readCheckpoint, verifyCheckpoint } from "../protocol/transparency/checkpoint.ts";
import { pinnedHead } from "../protocol/transparency/monitor.ts";
import { type NoteKey, readVerifierKey } from "../protocol/transparency/note-key.ts";
import { cosignNote, type NoteSigner, noteSigner, verifierKeyOf } from "../protocol/transparency/sign-note.ts";
import { readNote } from "../protocol/transparency/signed-note.ts";
import { readWitnessRequest } from "../protocol/transparency/witness-request.ts";
import { keyFor } from "./host-keys.ts";
import { type MonitorPorts, observeHead, type WatchedLog, watchedLog, watchedLogs } from "./log-monitor.ts";
import type { Host } from "./open-host.ts";
import { ownNoteKeys } from "./own-checkpoint.ts";

type Failed = Refusal | Unavailable;

export const monitorPorts = ({ ports }: Host): MonitorPorts => ({
  values: ports.storage.values,
  clock: ports.clock,
  sha256: ports.sha256,
});

/** The key this console witnesses with; made when it is first needed. Its name ends in its own id, since many have one domain. */
export async function ownWitness(
  host: Host,
): Promise<Result<{ readonly signer: NoteSigner; readonly verifierKey: string }, Failed>> {
  const key = await keyFor(host.ports.storage.values, "signer/witness");
  if (!key.ok) return key;
  const name = `${host.engine.ids.domain}/witness/${key.value.signer.kid.slice(0, 8)}`;
  const signer = must(noteSigner(name, "cosignature", key.value), "keys made here are Ed25519");
  return ok({ signer, verifierKey: verifierKeyOf(signer, host.ports.sha256) });
}

/**
 * Looks at a checkpoint of another log, remembers it, and signs it where it is consistent with what was seen of that log
 * before (C2SP tlog-witness). `logKey` is needed once; from then on the log is held to it. Refusals: those of reading and
 * verifying a checkpoint, `witness_own_log`, `witness_key_needed`, `witness_old_size`, `witness_proof_invalid`,
 * `log_split_view`, `log_distrusted`, `log_closed`.
 */
export async function witnessCheckpoint(
  host: Host,
  text: string,
  logKey: string | undefined,
): Promise<Result<{ readonly note: string; readonly witnessKey: string; readonly watched: WatchedLog }, Failed>> {
  const ports = monitorPorts(host);
  const request = readWitnessRequest(text);
  if (!request.ok) return request;
  const { old, path, note } = request.value;
  const read = readNote(note);
  if (!read.ok) return read;
  const stated = readCheckpoint(read.value);
  if (!stated.ok) return stated;
  const { origin } = stated.value;
  if ((await verifyCheckpoint(note, await ownNoteKeys(host))).ok)
    return err(refusal("witness_own_log", "a log that witnesses itself shows nothing: take it to another console"));
  const key = await keyOf(ports, note, origin, logKey?.trim() ?? "");
  if (!key.ok) return key;
  const verified = await verifyCheckpoint(note, [key.value.key]);
  if (!verified.ok) return verified;
  const { size, root } = verified.value;
  const known = await watchedLog(ports, key.value.text);
  if (!known.ok) return known;
  const before = known.value === null ? null : pinnedHead(known.value.log);
  const head = { size, root, timeS: null };
  const observed = await observeHead(ports, key.value.text, head, { path, old, isNewest: false, brought: true });
  if (!observed.ok) return observed;
  const { watched, seen } = observed.value;
  switch (seen) {
    case "pinned":
    case "grown":
    case "same": {
      const witness = await ownWitness(host);
      if (!witness.ok) return witness;
      const timeS = Math.floor(ports.clock.nowMs() / 1000);
      const signed = await cosignNote(note, witness.value.signer, timeS, ports.sha256);
      return ok({ note: signed, witnessKey: witness.value.verifierKey, watched });
    }
    case "earlier":
    case "proof_needed":
      return err(
        refusal(
          "witness_old_size",
          `this console has seen ${before?.size ?? 0} entries of the log: ask for the proof from there`,
        ),
      );
    case "proof_invalid":
      return err(
        refusal(
          "witness_proof_invalid",
          `the proof does not lead from ${old} entries to this checkpoint: ask for another`,
        ),
      );
    case "contradiction": {
      const { code } = must(watched.log.contradiction, "a contradiction is kept");
      return err(
        refusal(
          code,
          `the log contradicts what was seen of it at ${before?.size ?? size} entries; it is kept as evidence`,
        ),
      );
    }
    case "distrusted":
      return err(refusal("log_distrusted", "the log's key was stolen before this head was seen"));
    case "closed":
      return err(refusal("log_closed", "the log has contradicted itself: somebody has to look at it first"));
  }
}

/** The key that was given, or that of the log of this name that is watched here and has signed the note. */
async function keyOf(
  ports: MonitorPorts,
  note: string,
  origin: string,
  given: string,
): Promise<Result<{ readonly text: string; readonly key: NoteKey }, Failed>> {
  const logs = given === "" ? await watchedLogs(ports) : ok([]);
  if (!logs.ok) return logs;
  const texts =
    given === "" ? logs.value.filter((log) => log.origin === origin).map((log) => log.verifierKey) : [given];
  for (const text of texts) {
    const key = await readVerifierKey(text, ports.sha256);
    if (!key.ok) return key;
    if (given !== "" || (await verifyCheckpoint(note, [key.value])).ok) return ok({ text, key: key.value });
  }
  return err(refusal("witness_key_needed", "the log is not known here yet: give its verifier key", { claim: "key" }));
}
