import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { DomainApi } from "../../api/client/domain-api.tsx";
import { Button } from "../../ui/button.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { useHostStatus } from "../host-status.ts";

/** A log of another domain in view: whose it is stands above it, and everything below reads that log. */
export function DomainPart({ domain, children }: { readonly domain: string; readonly children: ReactNode }) {
  const navigate = useNavigate();
  const { data: status } = useHostStatus();
  const own = status?.position.domain;
  if (domain === own) return children;
  return (
    <>
      <section
        aria-label="Domain in view"
        className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-strong bg-sunken px-3 py-1.5"
      >
        <p role="status">
          <strong>Log of {visibleText(domain)}</strong>, another domain of this console: its entries, verification and
          export. Anchors and evidence packs are of {own === undefined ? "the console's own log" : visibleText(own)}.
        </p>
        <span className="ml-auto">
          <Button size="sm" onPress={() => void navigate({ to: "/timeline", search: {} as never })}>
            Back to {own === undefined ? "the console's own log" : visibleText(own)}
          </Button>
        </span>
      </section>
      <DomainApi domain={domain} key={domain}>
        {children}
      </DomainApi>
    </>
  );
}
