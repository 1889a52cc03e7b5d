import { err, ok, type Result } from "../../base/result.ts";
import type { ImportError } from "../../protocol/run/import-messages.ts";
import type { RecordedRun, RunFormat } from "../../protocol/run/recorded-run.ts";
import { type ImportFileOptions, importFile } from "./import-file.ts";

/** A run that comes with the console: a real recording, with where it is from and under what licence, or a scenario of ours. */
export interface BundledRun {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly format: RunFormat;
  /** Path of the file below the page. */
  readonly url: string;
  readonly bytes: number;
  readonly tasks: number;
  /** Null for a scenario that was written for this console and records nothing that happened. */
  readonly source: {
    readonly repository: string;
    readonly commit: string;
    readonly path: string;
    readonly licence: string;
  } | null;
}

const SPARK_TOOLS = {
  repository: "https://github.com/NVIDIA/spark-rapids-tools",
  commit: "6e03887121d9eaa57401d54b84f326b73642351d",
  licence: "Apache-2.0",
} as const;
const SPARK_LOGS = "core/src/test/resources";
const LANGFUSE = {
  repository: "https://github.com/langfuse/langfuse",
  commit: "62751446149b702b419a9292ddfc2280cdf74b8c",
  licence: "MIT",
} as const;
const LANGFUSE_TRACES = "worker/src/__tests__/chatml/framework-traces";

/** Recordings, small ones first, then scenarios. Their licences and texts are in public/runs/NOTICE. */
export const BUNDLED_RUNS: readonly BundledRun[] = [
  {
    id: "joke-agents",
    title: "Two agents and three tools",
    description: "A writing agent calls tools, an evaluating agent judges (Pydantic AI, traced by Langfuse).",
    format: "langfuse",
    url: "/runs/pydantic-ai-tools-2025-12-04.trace.json.gz",
    bytes: 4_893,
    tasks: 12,
    source: { ...LANGFUSE, path: `${LANGFUSE_TRACES}/pydantic-ai-tools-2025-12-04.trace.json` },
  },
  {
    id: "travel-agent",
    title: "An agent that plans a trip",
    description: "Three rounds of thought, with an encyclopedia and a weather tool (BeeAI, traced by Langfuse).",
    format: "langfuse",
    url: "/runs/beeai-2025-08-01.trace.json.gz",
    bytes: 29_521,
    tasks: 29,
    source: { ...LANGFUSE, path: `${LANGFUSE_TRACES}/beeai-2025-08-01.trace.json` },
  },
  {
    id: "model-calls",
    title: "Ten model calls",
    description: "Text, objects, streams and embeddings, with OpenTelemetry GenAI attributes (Vercel AI SDK).",
    format: "otlp",
    url: "/runs/openinference-vercel-spans.json.gz",
    bytes: 10_787,
    tasks: 10,
    source: {
      repository: "https://github.com/Arize-ai/openinference",
      commit: "1fe497f1d9f45a07eee55d97fe185e020560f9c7",
      path: "js/packages/openinference-vercel/test/__fixtures__/v6-spans/all-spans.json",
      licence: "Apache-2.0",
    },
  },
  {
    id: "annotated-shop-assistant",
    title: "A shop assistant that did not ask first",
    description:
      "An assistant takes a return without the customer's yes (tau-bench, retail; the customer is simulated). " +
      "The step to blame is annotated (AgentRx).",
    format: "agentrx",
    url: "/runs/tau-retail-task-12.jsonl.gz",
    bytes: 4_814,
    tasks: 19,
    source: {
      repository: "https://github.com/microsoft/AgentRx",
      commit: "f228165bfec60a801fd5fedd9d8ffe0f9de0c69d",
      path: "data/tau_retail/tau_dataset_failed.json and data/ground_truth/tau_ground_truth.json, task 12",
      licence: "MIT",
    },
  },
  {
    id: "annotated-experts",
    title: "Experts who did not doubt a result",
    description:
      "A team of agents answers a question about rain with a result nobody questions. " +
      "The agent and the step to blame are annotated (Who&When).",
    format: "who-and-when",
    url: "/runs/who-and-when-111.json.gz",
    bytes: 6_517,
    tasks: 10,
    source: {
      repository: "https://github.com/ag2ai/Agents_Failure_Attribution",
      commit: "f4d2b6da464a826580e59b3a0eae15ea2d642d7c",
      path: "Who&When/Algorithm-Generated/111.json",
      licence: "MIT",
    },
  },
  {
    id: "spark-failed-job",
    title: "A Spark application with a failed job",
    description: "21 jobs on one machine; one task throws, its stage and its job fail, the application goes on.",
    format: "spark-eventlog",
    url: "/runs/complex_dec.jsonl.gz",
    bytes: 37_556,
    tasks: 57,
    source: { ...SPARK_TOOLS, path: `${SPARK_LOGS}/spark-events-qualification/complex_dec_eventlog.zstd` },
  },
  {
    id: "spark-joins",
    title: "A Spark application that joins",
    description: "Four jobs; in three of them two stages feed a third, and that a last one. 651 task attempts.",
    format: "spark-eventlog",
    url: "/runs/dsAndDf.jsonl.gz",
    bytes: 226_052,
    tasks: 664,
    source: { ...SPARK_TOOLS, path: `${SPARK_LOGS}/spark-events-qualification/dsAndDf_eventlog.zstd` },
  },
  {
    id: "spark-lost-executors",
    title: "A Spark application that loses executors",
    description: "20 jobs whose stages reuse earlier data; 14 executors are given back while it runs.",
    format: "spark-eventlog",
    url: "/runs/4nodes_8cores_dynamic_alloc.jsonl.gz",
    bytes: 169_361,
    tasks: 255,
    source: {
      ...SPARK_TOOLS,
      path: `${SPARK_LOGS}/spark-events-qualification/cluster_information/eventlog_4nodes_8cores_dynamic_alloc.zstd`,
    },
  },
  {
    id: "spark-large-query",
    title: "A large Spark query",
    description: "12,987 task attempts in 41 stages on eight executors: query 66 of a decision-support benchmark.",
    format: "spark-eventlog",
    url: "/runs/nds_q66_gpu.jsonl.gz",
    bytes: 1_561_980,
    tasks: 13_028,
    source: { ...SPARK_TOOLS, path: `${SPARK_LOGS}/spark-events-profiling/nds_q66_gpu.zstd` },
  },
  {
    id: "network-change",
    title: "Three-domain network change",
    description:
      "Nine agents change a small network in three domains: commits that are taken back unless they are confirmed in time, " +
      "a step that is made good, one that a technician undoes, and a notice that nobody can take back. " +
      "No such network, devices or customers exist.",
    format: "wfformat",
    url: "/runs/three-domain-network-change.json",
    bytes: 15_913,
    tasks: 18,
    source: null,
  },
];

/** Fetches a bundled run and imports it like a file of the user's; the run says where it came from. */
export async function importBundledRun(
  bundled: BundledRun,
  options: ImportFileOptions = {},
): Promise<Result<RecordedRun, ImportError>> {
  const name = bundled.url.split("/").at(-1) ?? bundled.url;
  const fetched = await fetchFile(bundled.url, name, options.signal);
  if (!fetched.ok) return fetched;
  const run = await importFile([fetched.value], options);
  if (!run.ok) return run;
  const source =
    bundled.source === null
      ? { file: name, origin: null, scenario: true as const }
      : { file: name, origin: { ...bundled.source } };
  return ok({ ...run.value, source });
}

async function fetchFile(url: string, name: string, signal?: AbortSignal): Promise<Result<File, ImportError>> {
  const failed = (code: ImportError["code"], detail: string): Result<never, ImportError> =>
    err({ code, file: name, place: "the whole file", expected: "a recording that comes with the console", detail });
  try {
    const response = await fetch(url, signal === undefined ? {} : { signal });
    if (!response.ok) return failed("import_unreadable", `the server answered ${response.status}`);
    return ok(new File([await response.blob()], name));
  } catch (error) {
    if (signal?.aborted === true) return failed("import_cancelled", "cancelled");
    return failed("import_unreadable", error instanceof Error ? error.message : "it could not be fetched");
  }
}
