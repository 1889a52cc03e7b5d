const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
/** White space, control characters, the other slash, and what a URI holds only percent-encoded. */
const FOREIGN = /[^!-[\]-~]/;
/**
 * Percent-encoding of what needs none, or in lower case: the same resource by another name. And of what some decode once
 * too often: slashes, control characters and the percent sign itself.
 */
const DISGUISE = /%(?![\dA-F]{2})|%(?:[01][\dA-F]|2[5DEF]|3\d|4[1-9A-F]|5[\dACF]|6[1-9A-F]|7[\dAEF])/;
/** `.` and `..` segments and empty ones, up to the query. */
const DETOUR = /(?:^|\/)\.{1,2}(?:\/|$)|\/\//;

/**
 * Whether a resource is written the one way in which prefixes may be compared: `…/public/../secret` begins like what is
 * public, and `HTTPS://host/%73ecret` does not begin like what is secret.
 */
export function isCanonicalResource(resource: string): boolean {
  if (FOREIGN.test(resource) || DISGUISE.test(resource)) return false;
  const scheme = SCHEME.exec(resource)?.[0] ?? "";
  const rest = resource.slice(scheme.length);
  const authority = rest.startsWith("//") ? (/^\/\/[^/?#]*/.exec(rest)?.[0] ?? "") : "";
  const path = rest.slice(authority.length).split(/[?#]/, 1)[0] ?? "";
  return scheme === scheme.toLowerCase() && authority === authority.toLowerCase() && !DETOUR.test(path);
}
