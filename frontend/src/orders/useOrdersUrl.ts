import { useSearchParams } from "wouter";
import type { OrderStatus } from "../gql/graphql";
import { LIFECYCLES } from "../ui/badges";

/** What the list shows lives in the address: reload, share and the back button keep it. */
export function useOrdersUrl() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("status")?.toUpperCase();
  const status = LIFECYCLES.find((lifecycle) => lifecycle === asked) ?? null;
  const oldestFirst = search.get("sort") === "oldest";

  const set = (name: string, value: string | null) =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (value) after.set(name, value);
      else after.delete(name);
      return after;
    });

  return {
    search: search.toString(),
    status,
    oldestFirst,
    setStatus: (to: OrderStatus | null) => set("status", to?.toLowerCase() ?? null),
    setOldestFirst: (to: boolean) => set("sort", to ? "oldest" : null),
  };
}
