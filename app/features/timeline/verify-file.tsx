import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { formatBytes, formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Section } from "../../ui/section.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { ReportView } from "./report-view.tsx";
import { Took } from "./took.tsx";

/** Largest file read whole, bytes: it is one string on its way to the worker. */
const MAX_BYTES = 400_000_000;

/** An exported log of this or another console, verified without storing anything of it. */
export function VerifyFile() {
  const { client } = useApi();
  const input = useRef<HTMLInputElement>(null);
  const verify = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > MAX_BYTES)
        throw new Error(
          `${file.name} has ${formatBytes(file.size)}; up to ${formatBytes(MAX_BYTES)} are read here. The command line verifies larger ones.`,
        );
      const answer = await client.audit.verifyExport({ text: await file.text() });
      return { name: file.name, bytes: file.size, ...answer };
    },
  });
  return (
    <Section title="Verify a file">
      <p className="mb-2 text-muted">A log exported here or elsewhere. It is only checked; nothing of it is stored.</p>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        aria-label="Exported log"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file !== undefined) verify.mutate(file);
        }}
      />
      <Button onPress={() => input.current?.click()} isDisabled={verify.isPending}>
        Choose a file …
      </Button>
      <div className="mt-3">
        {verify.isPending ? <Progress label={`Verifying ${verify.variables.name}`} value={0} max={0} /> : null}
        {verify.isError ? <ProblemNote problem={problemOf(verify.error)} /> : null}
        {verify.data === undefined ? null : (
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
