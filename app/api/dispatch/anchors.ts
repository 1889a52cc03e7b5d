import { toBase64url } from "../../base/bytes.ts";
import { acknowledge, compromised, type WatchedLog, watchedLogs } from "../../host/log-monitor.ts";
import {
  dropAnchor,
  growthFrom,
  logKey,
  ownAnchors,
  ownCheckpoint,
  takeAnchor,
  witnessRequest,
} from "../../host/own-checkpoint.ts";
import { monitorPorts, ownWitness, witnessCheckpoint } from "../../host/witness.ts";
import { toCoseReceipt } from "../../protocol/audit/cose-receipt.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { toBase64 } from "../../protocol/transparency/base64.ts";
import { pinnedHead, type SeenHead } from "../../protocol/transparency/monitor.ts";
import type { WatchedLog as WatchedLogView } from "../contract/anchors.ts";
import { issueReceipt } from "./audit.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { storedEntry } from "./open-token.ts";

export const anchorsOperations = {
  checkpoint: api.anchors.checkpoint.handler(async ({ context: { host }, errors }) => ({
    checkpoint: valueOr(await ownCheckpoint(host), errors),
    position: await positionOf(host),
  })),

  request: api.anchors.request.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await witnessRequest(host, input.old), errors),
  ),

  growth: api.anchors.growth.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await growthFrom(host, input.from), errors),
  ),

  receipt: api.anchors.receipt.handler(async ({ context: { host }, input, errors }) => {
    await host.index.catchUp();
    const entry = await storedEntry(host, input.seq);
    if (entry === null) throw errorFor(refusal("entry_unknown", `the log has no entry ${input.seq}`), errors);
    const { token, received_at, submitter } = entry;
    const digest = tokenDigest(token, host.ports.sha256);
    const { claims } = await issueReceipt(host, input.seq, digest, received_at, submitter);
    const { signer } = valueOr(await logKey(host), errors);
    return { cose: toBase64(await toCoseReceipt(claims, token, signer)), size: claims.tree_size };
  }),

  list: api.anchors.list.handler(async ({ context: { host }, errors }) => ({
    anchors: [...valueOr(await ownAnchors(host), errors)],
    position: await positionOf(host),
  })),

  keep: api.anchors.keep.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await takeAnchor(host, input.note, input.witnessKeys), errors),
  ),

  forget: api.anchors.forget.handler(async ({ context: { host }, input, errors }) => {
    valueOr(await dropAnchor(host, input), errors);
    return {};
  }),

  witness: api.anchors.witness.handler(async ({ context: { host }, input, errors }) => {
    const { note, witnessKey, watched } = valueOr(await witnessCheckpoint(host, input.request, input.logKey), errors);
    return { note, witnessKey, log: viewOf(watched) };
  }),

  watched: api.anchors.watched.handler(async ({ context: { host }, errors }) => {
    const { signer, verifierKey } = valueOr(await ownWitness(host), errors);
    const logs = valueOr(await watchedLogs(monitorPorts(host)), errors);
    return { witness: { name: signer.name, verifierKey }, logs: logs.map(viewOf) };
  }),

  acknowledge: api.anchors.acknowledge.handler(async ({ context: { host }, input, errors }) =>
    viewOf(valueOr(await acknowledge(monitorPorts(host), input.verifierKey, input.from), errors)),
  ),

  compromised: api.anchors.compromised.handler(async ({ context: { host }, input, errors }) =>
    viewOf(valueOr(await compromised(monitorPorts(host), input.verifierKey, input.atMs), errors)),
  ),
};

function viewOf({ origin, verifierKey, log }: WatchedLog): WatchedLogView {
  const { state, contradiction, compromisedAtMs } = log;
  const head = ({ size, root, seenAtMs }: SeenHead) => ({ size, root: toBase64url(root), seenAtMs });
  const pinned = pinnedHead(log);
  return {
    origin,
    verifierKey,
    state,
    pinned: pinned === null ? null : head(pinned),
    contradiction:
      contradiction === null
        ? null
        : { code: contradiction.code, before: head(contradiction.before), after: head(contradiction.after) },
    compromisedAtMs,
  };
}
