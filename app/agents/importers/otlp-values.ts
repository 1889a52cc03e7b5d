import type { Json, JsonObject } from "../../base/json.ts";
import { isObject } from "./bounded-json.ts";

const MAX_DEPTH = 12;

/** The attributes of an OTLP message (a list of keys and typed values) as a plain object; those of an SDK are one already. */
export function attributesOf(value: Json | undefined): JsonObject {
  if (isObject(value)) return value;
  if (!Array.isArray(value)) return {};
  const pairs = value.flatMap((item: Json): [string, Json][] =>
    isObject(item) && typeof item.key === "string" ? [[item.key, typedValue(item.value, 0)]] : [],
  );
  return Object.fromEntries(pairs);
}

/** The one value of OTLP's typed union. 64-bit integers are text there; those a number cannot hold stay text. */
function typedValue(value: Json | undefined, depth: number): Json {
  if (!isObject(value) || depth > MAX_DEPTH) return null;
  if (value.intValue !== undefined) return integerOf(value.intValue);
  const list = isObject(value.arrayValue) ? value.arrayValue.values : null;
  if (Array.isArray(list)) return list.map((item: Json) => typedValue(item, depth + 1));
  const members = isObject(value.kvlistValue) ? value.kvlistValue.values : null;
  if (Array.isArray(members)) {
    return Object.fromEntries(
      members.flatMap((item: Json): [string, Json][] =>
        isObject(item) && typeof item.key === "string" ? [[item.key, typedValue(item.value, depth + 1)]] : [],
      ),
    );
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
}

function integerOf(value: Json): Json {
  const number = Number(value);
  return typeof value === "string" && /^-?\d+$/.test(value) && Number.isSafeInteger(number) ? number : value;
}

/** Epoch nanoseconds of decimal text, a number, or an SDK's pair of seconds and nanoseconds; 0 and nothing are null. */
export function nanosOf(value: Json | undefined): bigint | null | undefined {
  if (value === undefined || value === null || value === "" || value === 0 || value === "0") return null;
  if (typeof value === "string") return /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? BigInt(Math.round(value)) : undefined;
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [seconds, nanos] = value as readonly Json[];
  if (typeof seconds !== "number" || typeof nanos !== "number") return undefined;
  if (!Number.isSafeInteger(seconds) || !Number.isSafeInteger(nanos) || seconds < 0 || nanos < 0) return undefined;
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** Hexadecimal ids are compared without regard to case; other spellings as they are. */
export const comparable = (id: string): string => (/^[0-9a-f]+$/i.test(id) ? id.toLowerCase() : id);

/** The id of a parent; empty text and zeros mean that there is none. */
export function parentIdOf(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" && !/^0+$/.test(value) ? value : null;
}
