import type { Json } from "../../base/json.ts";
import { isObject } from "./bounded-json.ts";
import { unnested } from "./prompt-text.ts";

const MOST = 64;
const MAX_CHARACTERS = 1024 * 1024;

/** Values handed to or given back by work: JSON text in base64 where they say so; anything else stays as it is. */
export function payloadsOf(value: Json | undefined): Json[] {
  const list = isObject(value) && Array.isArray(value.payloads) ? value.payloads : [];
  return list.slice(0, MOST).map((payload: Json) => {
    if (!isObject(payload) || typeof payload.data !== "string") return payload;
    const encoding = isObject(payload.metadata) ? payload.metadata.encoding : undefined;
    const isJson = encoding === "json/plain" || (typeof encoding === "string" && decoded(encoding) === "json/plain");
    const text = isJson ? decoded(payload.data) : null;
    return text === null ? payload : unquoted(text);
  });
}

/** A JSON value in full: plain words are left as text. */
function unquoted(text: string): Json {
  const value = unnested(text);
  if (value !== text) return value;
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function decoded(base64: string): string | null {
  if (base64.length > MAX_CHARACTERS || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
