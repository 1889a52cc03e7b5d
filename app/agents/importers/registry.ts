import { LANGFUSE } from "./langfuse.ts";
import { OTLP } from "./otlp.ts";
import type { RunFormatReader } from "./run-format-reader.ts";
import { SIGNALBOX_LOG } from "./signalbox-log.ts";
import { SPARK_EVENTLOG } from "./spark-eventlog.ts";
import { WFFORMAT } from "./wfformat.ts";

/** Every format that can be imported; a new one is a module and a line here. */
export const FORMATS: readonly RunFormatReader[] = [WFFORMAT, SPARK_EVENTLOG, LANGFUSE, OTLP, SIGNALBOX_LOG];
