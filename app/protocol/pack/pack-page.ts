import { utf8 } from "../../base/bytes.ts";
import { inPage, packClosing, packOpening } from "./read-pack.ts";

/** What a pack's page is made of beside its document: the program that verifies and shows it, and how it looks. */
export interface PageParts {
  readonly code: string;
  readonly styles: string;
}

/** What comes before and after the document, so that a long one is written piece by piece; each piece goes through `inPage`. */
export interface PageFrame {
  readonly before: string;
  readonly after: string;
}

const NO_PROGRAM =
  "This page is a program that verifies the evidence it holds: it needs JavaScript. verifier/verify_pack.py of Signalbox verifies the same file without a browser.";

/**
 * XA-36: a page that holds a pack. Its policy allows its own two texts, named by their digests, and nothing else: no network,
 * no other script, no picture. WebAssembly is the hasher's.
 */
export async function pageFrame({ code, styles }: PageParts): Promise<PageFrame> {
  // Within a script element only these two could end it or begin a comment; in JavaScript they stand in texts alone.
  const script = code.replaceAll(/<\/(?=script)/gi, "<\\/").replaceAll("<!--", "<\\!--");
  const policy = [
    "default-src 'none'",
    `script-src '${await named(script)}' 'wasm-unsafe-eval'`,
    `style-src '${await named(styles)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const before = [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    "<title>Evidence pack</title>",
    `<style>${styles}</style>`,
    "</head>",
    "<body>",
    `<noscript>${NO_PROGRAM}</noscript>`,
    '<main id="pack"></main>',
    packOpening,
  ].join("\n");
  return { before, after: `${packClosing}\n<script type="module">${script}</script>\n</body>\n</html>\n` };
}

/** A whole page at once. */
export async function packPage(json: string, parts: PageParts): Promise<string> {
  const { before, after } = await pageFrame(parts);
  return `${before}${inPage(json)}${after}`;
}

/** How a policy names a text: by its SHA-256, in padded base64. */
async function named(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
