import { useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";
import { currentSession, onSession } from "../graphql/session";

/** A server that has just learnt who asks may tell what it would not before. */
export function ReadSchemaAgain(): null {
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    let { token } = currentSession();
    return onSession(() => {
      const now = currentSession();
      if (now.token !== token) void introspect();
      token = now.token;
    });
  }, [introspect]);
  return null;
}
