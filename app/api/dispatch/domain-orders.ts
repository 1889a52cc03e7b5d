import type { DomainDesk } from "../../host/domains/domain-desk.ts";
import type { DomainHost } from "../../host/domains/domain-hosts.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { api, type Errors, errorFor, positionOf, valueOr } from "./base.ts";

/** How domains beside the console's own are run at their borders, and what is erased of what they keep apart. */
export const domainOrderHandlers = {
  borders: api.domains.borders.handler(async ({ context: { host } }) => {
    const desk = await host.domains.desk();
    const { borderView } = await import("./domain-order-views.ts");
    return { position: await positionOf(host), borders: (desk?.hosts.all() ?? []).map(borderView) };
  }),

  erasures: api.domains.erasures.handler(async ({ context: { host } }) => {
    const desk = await host.domains.desk();
    const { erasureView } = await import("./domain-order-views.ts");
    const erasures = (desk?.hosts.all() ?? []).flatMap((of) =>
      of.ledger.orders().flatMap((logged) => erasureView(of, logged)),
    );
    return { position: await positionOf(host), erasures: erasures.toSorted((a, b) => b.at - a.at || b.seq - a.seq) };
  }),

  subjects: api.domains.subjects.handler(async ({ context: { host }, input: { domain }, errors }) => {
    const { of } = domainAt(await host.domains.desk(), domain, errors);
    const { subjectsOf } = await import("../../host/domains/erasing.ts");
    return { position: await positionOf(host), subjects: await subjectsOf(of) };
  }),

  erasurePreview: api.domains.erasurePreview.handler(async ({ context: { host }, input, errors }) => {
    const { desk } = domainAt(await host.domains.desk(), input.domain, errors);
    const { previewErasure } = await import("../../host/domains/erasing.ts");
    const { domain, about, shown, plan } = valueOr(await previewErasure(desk, input.domain, input.about), errors);
    const { stays, freeFrom } = plan;
    return { position: await positionOf(host), preview: { domain, about, shown, stays: { ...stays }, freeFrom } };
  }),

  apart: api.domains.apart.handler(async ({ context: { host }, input: { domain, seq }, errors }) => {
    const { of } = domainAt(await host.domains.desk(), domain, errors);
    const { keptOfRecord } = await import("../../host/domains/erasing.ts");
    const { signedBy } = await import("./domain-order-views.ts");
    const found = valueOr(await keptOfRecord(of, seq), errors);
    const record =
      found === null
        ? null
        : {
            ...{ jti: found.jti, hash: found.hash, subject: found.subject, hidden: found.hidden, held: found.held },
            kept: [...found.kept],
            erasedBy: found.erasedBy === null ? null : signedBy(found.erasedBy),
          };
    return { position: await positionOf(host), record };
  }),

  order: api.domains.order.handler(async ({ context: { host }, input: { token }, errors }) => {
    const desk = await host.domains.desk();
    if (desk === null) throw errorFor(NO_OTHER, errors);
    const { domain, kind, seq, border, doneSeq } = valueOr(await desk.order(token), errors);
    return { domain, kind, seq, border: { ...border }, doneSeq };
  }),
};

const NO_OTHER = refusal("domain_not_here", "this console has no other domain");

function domainAt(desk: DomainDesk | null, domain: string, errors: Errors): { desk: DomainDesk; of: DomainHost } {
  const of = desk?.hosts.get(domain);
  if (desk === null || of === undefined) throw errorFor(NO_OTHER, errors);
  return { desk, of };
}
