import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { formatBytes, formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { looksLikePack } from "./looks-like-pack.ts";
import { ReportView } from "./report-view.tsx";
import { Took } from "./took.tsx";

/** Largest file read whole, bytes: it is one string on its way to the worker. */
const MAX_BYTES = 400_000_000;

const VerifiedPack = lazy(() =>
  import("./evidence/verified-pack.tsx").then((loaded) => ({ default: loaded.VerifiedPack })),
);

/** An exported log or an evidence pack of this or another console, verified without storing anything of it. */
export function VerifyFile() {
  const { client } = useApi();
  const input = useRef<HTMLInputElement>(null);
  const [checkpoint, setCheckpoint] = useState("");
  const [isOver, setOver] = useState(false);
  const [at, setAt] = useState({ checked: 0, total: 0 });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const verify = useMutation({
    mutationFn: async (file: File) => {
      const control = new AbortController();
      running.current = control;
      setAt({ checked: 0, total: 0 });
      if (file.size > MAX_BYTES)
        throw new Error(
          `${file.name} has ${formatBytes(file.size)}; up to ${formatBytes(MAX_BYTES)} are read here. The command line verifies larger ones.`,
        );
      const text = await file.text();
      // A pack says what it is; its verification has a report and progress of its own.
      if (looksLikePack(text)) return { kind: "pack" as const, name: file.name, text };
      const asked = { text, ...(checkpoint.trim() === "" ? {} : { checkpoint }) };
      for await (const event of await client.audit.verifyExport(asked, { signal: control.signal }))
        if (event.type === "progress") setAt(event);
        else return { kind: "log" as const, name: file.name, bytes: file.size, ...event };
      throw new Error("The verification ended without a report.");
    },
  });
  const cancel = (): void => {
    running.current?.abort();
    verify.reset();
  };
  return (
    <Section title="Verify a file">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way, the button below is the first */}
      <div
        className={isOver ? "border border-accent bg-accent-soft p-2" : ""}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const file = event.dataTransfer.files[0];
          if (file !== undefined) verify.mutate(file);
        }}
      >
        <p className="mb-2 text-muted">
          An exported log or an evidence pack, from here or elsewhere: choose it, or drop it here. It is only checked;
          nothing of it is stored.
        </p>
        <input
          ref={input}
          type="file"
          accept=".json,.html,application/json,text/html"
          aria-label="Exported log"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file !== undefined) verify.mutate(file);
          }}
        />
        <div className="mb-2">
          <TextField
            label="Checkpoint of that log, kept elsewhere"
            value={checkpoint}
            onChange={setCheckpoint}
            multiline
            mono
            rows={2}
            description="Where there is one, a file whose tail was cut or whose entries were rewritten contradicts it."
          />
        </div>
        <Button onPress={() => input.current?.click()} isDisabled={verify.isPending}>
          Choose a file …
        </Button>
      </div>
      <div className="mt-3">
        {verify.isPending ? (
          <div className="space-y-2">
            <Progress label={`Verifying ${verify.variables.name}`} value={at.checked} max={at.total} />
            <Button size="sm" onPress={cancel}>
              Cancel
            </Button>
          </div>
        ) : null}
        {verify.isError ? <ProblemNote problem={problemOf(verify.error)} /> : null}
        {verify.data === undefined ? null : verify.data.kind === "pack" ? (
          <Suspense fallback={<Loading what="the verifier of packs" />}>
            <VerifiedPack
              key={verify.submittedAt}
              name={verify.data.name}
              text={verify.data.text}
              onCancel={verify.reset}
            />
          </Suspense>
        ) : (
          <>
            <Manifest {...verify.data} />
            <ReportView report={verify.data.report} />
            <Took report={verify.data.report} />
          </>
        )}
      </div>
    </Section>
  );
}

interface ManifestProps {
  readonly name: string;
  readonly bytes: number;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** What the file says of itself: claims, until the report below confirms them. */
function Manifest({ name, bytes, manifest }: ManifestProps) {
  const text = (member: string): string => {
    const value = manifest[member];
    return typeof value === "string" ? value : value === undefined ? "not said" : JSON.stringify(value);
  };
  const exportedAt = manifest.exported_at;
  return (
    <div className="mb-3">
      <Facts
        items={[
          { term: "File", value: <UntrustedText text={name} maxCharacters={80} />, hint: formatBytes(bytes) },
          { term: "Log", value: <UntrustedText text={text("log_id")} maxCharacters={200} mono /> },
          { term: "Domain", value: <UntrustedText text={text("domain")} maxCharacters={100} /> },
          {
            term: "Entries",
            value: typeof manifest.entries === "number" ? formatCount(manifest.entries) : text("entries"),
          },
          {
            term: "Exported",
            value: typeof exportedAt === "number" ? <Instant epochMs={exportedAt * 1000} full /> : "not said",
          },
        ]}
      />
    </div>
  );
}
