/** The trust domain of an id; empty where it names none. */
export const domainOf = (id: string): string => /^spiffe:\/\/([^/]+)\//.exec(id)?.[1] ?? "";

/** The id of a domain's metering point. */
export const meterIdOf = (domain: string, mpId: string): string => `spiffe://${domain}/meter/${mpId}`;
