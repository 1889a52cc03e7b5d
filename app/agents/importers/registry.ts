import { AG_UI } from "./ag-ui.ts";
import { AGENTRX } from "./agentrx.ts";
import { INSPECT } from "./inspect.ts";
import { LANGFUSE } from "./langfuse.ts";
import { OTLP } from "./otlp.ts";
import type { RunFormatReader } from "./run-format-reader.ts";
import { SIGNALBOX_LOG } from "./signalbox-log.ts";
import { SPARK_EVENTLOG } from "./spark-eventlog.ts";
import { SWE_AGENT } from "./swe-agent.ts";
import { TEMPORAL } from "./temporal.ts";
import { WFFORMAT } from "./wfformat.ts";
import { WHO_AND_WHEN } from "./who-and-when.ts";

/** Every format that can be imported; a new one is a module and a line here. */
export const FORMATS: readonly RunFormatReader[] = [
  WFFORMAT,
  SPARK_EVENTLOG,
  LANGFUSE,
  OTLP,
  SIGNALBOX_LOG,
  AGENTRX,
  WHO_AND_WHEN,
  SWE_AGENT,
  INSPECT,
  TEMPORAL,
  AG_UI,
];
