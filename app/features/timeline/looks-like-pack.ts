/**
 * True where a file says it is an evidence pack, in its page or as a document, rather than an exported log; what it is worth
 * is another question. Without the pack's own code, which is loaded when there is one.
 */
export const looksLikePack = (text: string): boolean =>
  text.includes('<script type="application/json" id="evidence-pack">') ||
  /^\s*\{\s*"signalbox_pack"/.test(text.slice(0, 200));
