/** The administrative domain an id names: the trust domain of an agent id, the host of an https identity; null without one. */
export function trustDomainOf(id: string): string | null {
  return /^(?:spiffe|wimse|https):\/\/([^/?#]+)/i.exec(id)?.[1]?.toLowerCase() ?? null;
}

/** The id of a domain's gateway, which speaks for it at its border. */
export function gatewayIdOf(domain: string): string {
  return `spiffe://${domain}/pep`;
}
