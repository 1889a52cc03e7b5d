import type { RunFormatReader } from "./run-format-reader.ts";
import { WFFORMAT } from "./wfformat.ts";

/** Every format that can be imported; a new one is a module and a line here. */
export const FORMATS: readonly RunFormatReader[] = [WFFORMAT];
