import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useSession } from "../graphql/session";

/** Says why nothing is answered, and leads to where that is mended. */
export function SessionNotice() {
  const { refused, token } = useSession();
  const access = useGraphiQL((state) => state.plugins.find(({ title }) => title === "Access"));
  const { setVisiblePlugin } = useGraphiQLActions();
  if (!refused) return null;
  return (
    <p role="status" className="orderlog-notice">
      {token ? "Your session has ended." : "This server wants to know who asks."}
      <button type="button" onClick={() => setVisiblePlugin(access ?? null)}>
        Use a token
      </button>
    </p>
  );
}
