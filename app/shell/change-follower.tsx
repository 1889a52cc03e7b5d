import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { followChanges } from "./change-notices.ts";

/** Keeps every query of the page current while it is mounted. */
export function ChangeFollower() {
  const { client, orpc, connection } = useApi();
  const queries = useQueryClient();
  useEffect(() => {
    const end = new AbortController();
    void followChanges({ client, orpc, queries }, end.signal);
    // Another leader, or the engine is back: what is shown is read again.
    const forget = connection.subscribe((now, before) => {
      if (now.state !== before.state && (now.state === "leader" || now.state === "follower")) {
        void queries.invalidateQueries();
      }
    });
    return () => {
      end.abort();
      forget();
    };
  }, [client, orpc, queries, connection]);
  return null;
}
