import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { OperatorProvider } from "./operator-context.tsx";
import type { OperatorSession } from "./session.ts";

/** Renders a part of the page with what the shell puts around it, somebody signed in; a failed read is not asked again. */
export function renderSignedIn(client: SignalboxClient, session: OperatorSession, part: ReactNode): QueryClient {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <OperatorProvider session={session}>{part}</OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return queries;
}
