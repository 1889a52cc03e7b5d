import { refusal } from "../../protocol/jose/refusal.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { ofDomain } from "./of-domain.ts";

/** Looked at when an entry is opened: identity profiles and all that verifies an audit token are not for every start of a worker. */
const records = () => import("./audit-records.ts");

export const auditTokenHandlers = {
  records: api.audit.records.use(ofDomain).handler(async ({ context: { host }, input, errors }) => {
    await host.index.catchUp();
    if (host.index.row(input.seq) === undefined)
      throw errorFor(refusal("entry_unknown", `the log has no entry ${input.seq}`), errors);
    const { recordsOf, recordOf } = await records();
    const found = await Promise.all(recordsOf(host, input.seq).map((seq) => recordOf(host, seq)));
    const isIssued = host.audits !== null;
    return { position: await positionOf(host), isIssued, records: found.filter((record) => record !== null) };
  }),

  noteRead: api.audit.noteRead.handler(async ({ context: { host }, input, errors }) => {
    await host.index.catchUp();
    const { readOf } = await records();
    const read = readOf(host, input);
    const noted = read === null || host.audits === null ? null : await host.audits.read(read);
    // That it is on record is what was asked for.
    if (noted !== null && !noted.ok && noted.error.code !== "audit_read_recorded") valueOr(noted, errors);
    return { position: await positionOf(host), recorded: noted?.ok === true };
  }),
};
