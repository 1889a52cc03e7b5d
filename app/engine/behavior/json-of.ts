import type { Json } from "../../base/json.ts";

/** Data of a record, without members that are undefined: its types are JSON throughout, which optional members hide. */
export const jsonOf = (data: object): { readonly [member: string]: Json } => JSON.parse(JSON.stringify(data));
