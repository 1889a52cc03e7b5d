import { useMutation } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { useAccount } from "../../../api/client/account-api.tsx";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { LedgerReport } from "../../../api/contract/accounting-settling.ts";
import { useAccounting, useRoleProblem } from "../../../operator/use-accounting.ts";
import { useSigning } from "../../../operator/use-signing.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { download, fileSafe } from "../../../ui/download.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { useNeighbours } from "../settlements/use-told.ts";
import { SignFooter } from "../sign-footer.tsx";
import { lastPart, word } from "../words.ts";

/** Files between this domain and others: its ledger for one of them, and theirs, taken in under their key. */
export function LedgerExchange({ domains }: { readonly domains: readonly string[] }) {
  const [to, setTo] = useState(domains[0] ?? "");
  const [own, setOwn] = useState(false);
  // Who settles within the console carries no files.
  if (useAccount() !== null) return <TakeInHere />;
  return (
    <div className="grid gap-x-8 gap-y-3 md:grid-cols-2">
      <form
        className="flex flex-col items-start gap-2"
        onSubmit={(event) => event.preventDefault()}
        aria-label="Hand your ledger over"
      >
        <TextField label="For which domain" value={to} onChange={setTo} />
        <Checkbox isSelected={own} onChange={setOwn}>
          With what this domain metered for itself, so that they can compare
        </Checkbox>
        <HandOver domain={to.trim()} own={own} />
      </form>
      <TakeIn />
    </div>
  );
}

function HandOver({ domain, own }: { readonly domain: string; readonly own: boolean }) {
  const { client } = useApi();
  const id = useId();
  const whyNot = domain === "" ? "Name the domain that it is for first." : null;
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: async () => {
      const ledger = await client.accounting.ledger({ domain, own });
      download(`usage-ledger-for-${fileSafe(domain)}.json`, ledger.text, "application/json");
      return ledger;
    },
  });
  return (
    <>
      <Button writes whyNot={whyNot} aria-describedby={id} isDisabled={isPending} onPress={() => mutate()}>
        Save the ledger for them
      </Button>
      <p id={id} role="status" className="text-xs text-muted">
        {whyNot === null ? "" : `${whyNot} `}
        {data === undefined
          ? "Every record charged to them, the tariffs and the messages about settlements, all signed; nothing that is charged to others."
          : `${formatCount(data.records)} records saved.`}
      </p>
      {error === null ? null : <ProblemNote problem={problemOf(error)} />}
    </>
  );
}

function TakeIn() {
  const { client } = useApi();
  const picker = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<{ readonly text: string; readonly report: LedgerReport } | null>(null);
  const { mutate, error, isPending, reset } = useMutation({
    mutationFn: async (file: File) => {
      const text = await file.text();
      return { text, report: await client.accounting.inspectLedger({ text }) };
    },
    onSuccess: setOpened,
  });
  return (
    <div className="flex flex-col items-start gap-2">
      <p>Their ledger comes as a file. Everything in it is verified before anything is taken in.</p>
      <input
        ref={picker}
        type="file"
        accept="application/json,.json"
        aria-label="Ledger file of another domain"
        className="sr-only"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file !== undefined) mutate(file);
        }}
      />
      <Button
        writes
        isDisabled={isPending}
        onPress={() => {
          reset();
          picker.current?.click();
        }}
      >
        {isPending ? "Verifying …" : "Open their ledger …"}
      </Button>
      {error === null ? null : <ProblemNote problem={problemOf(error)} />}
      {opened === null ? null : <TakeInDialog {...opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

/** Between two domains of this console nobody carries a file: what one hands over is verified and taken in as ever. */
function TakeInHere() {
  const { client } = useApi();
  const account = useAccount();
  const others = useNeighbours();
  const [opened, setOpened] = useState<{ readonly text: string; readonly report: LedgerReport } | null>(null);
  const { mutate, error, isPending } = useMutation({
    mutationFn: async (domain: string) => {
      const { text } = await client.accounting.ledger({ of: domain, domain: account?.domain ?? "", own: true });
      return { text, report: await client.accounting.inspectLedger({ text }) };
    },
    onSuccess: setOpened,
  });
  if (account === null || others.length === 0) return null;
  return (
    <div className="flex flex-col items-start gap-2">
      <p>
        Domains of this console hand their ledgers to {word(account.domain)} here, with what they counted of its work.
      </p>
      <div className="flex flex-wrap gap-2">
        {others.map((domain) => (
          <Button key={domain} writes isDisabled={isPending} onPress={() => mutate(domain)}>
            Open the ledger of {word(domain)} …
          </Button>
        ))}
      </div>
      {error === null ? null : <ProblemNote problem={problemOf(error)} />}
      {opened === null ? null : <TakeInDialog {...opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

interface TakeInDialogProps {
  readonly text: string;
  readonly report: LedgerReport;
  onClose(): void;
}

function TakeInDialog({ text, report, onClose }: TakeInDialogProps) {
  const { importLedger } = useAccounting();
  const mayNot = useRoleProblem(["finance"]);
  const [reason, setReason] = useState("");
  const [refused, setRefused] = useState<
    readonly { readonly jti: string; readonly code: string; readonly detail: string }[]
  >([]);
  const { domain, digest, logKid, records, root, keys, pinned } = report;
  const { run, isBusy, problem } = useSigning(
    () =>
      importLedger(
        text,
        { domain, log_kid: logKid, ledger: digest, records_count: records, records_root: root, keys },
        reason.trim(),
      ),
    { title: "Their ledger is taken in", detail: "It can be compared with yours now." },
    (answer) => (answer.refused.length === 0 ? onClose() : setRefused(answer.refused)),
  );
  const why =
    mayNot ??
    (pinned === false
      ? "It is under another key than this domain is known by."
      : refused.length > 0
        ? "It is taken in."
        : reason.trim() === ""
          ? "Give the reason first."
          : null);
  return (
    <Dialog
      title="Take a ledger in"
      isOpen
      onOpenChange={onClose}
      footer={
        <SignFooter
          leave={refused.length === 0 ? "Do not take it in" : "Close"}
          sign="Sign and take it in"
          why={why}
          isBusy={isBusy}
          onLeave={onClose}
          onSign={run}
        />
      }
    >
      <div className="space-y-3">
        <Facts
          items={[
            { term: "Domain", value: word(domain) },
            {
              term: "Key of its log",
              value: <Identifier value={logKid} label="log key" whole />,
              hint:
                pinned === null
                  ? "Not known yet: compare it with what they tell you by another way. It is pinned from then on."
                  : pinned
                    ? "The key this domain is known by."
                    : "Another key than this domain is known by: it cannot be taken in.",
            },
            { term: "Records", value: `${formatCount(records)}, every signature and chain verified` },
            { term: "Tariffs", value: formatCount(report.tariffs) },
            { term: "New messages", value: formatCount(report.settlements) },
            {
              term: "People",
              value:
                keys.length === 0 ? "none" : keys.map(({ sub, name }) => `${word(name)} (${lastPart(sub)})`).join(", "),
              hint: "Their keys sign messages about settlements here, and nothing else.",
            },
          ]}
        />
        <TextField label="Why (recorded)" value={reason} onChange={setReason} multiline isRequired maxLength={2000} />
        {problem === null ? null : <ProblemNote problem={problem} />}
        {refused.map(({ jti, code, detail }) => (
          <ProblemNote
            key={jti}
            problem={{ title: "A message in it was not taken", detail, code, next: "The ledger itself is taken in." }}
          />
        ))}
      </div>
    </Dialog>
  );
}
