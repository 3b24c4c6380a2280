import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { useState } from "react";
import { type AnyVariables, useQuery } from "urql";
import { problemWords } from "./problem";
import { useRetryWhenLive } from "./useRetryWhenLive";

/** A query whose last answer stays while the next one is on its way, or failed. */
export function useRead<Result, Variables extends AnyVariables>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
) {
  const [answer, ask] = useQuery<Result, AnyVariables>({ query: document, variables });
  const [last, setLast] = useState(answer.data);
  if (answer.data && answer.data !== last) setLast(answer.data);
  const problem = problemWords(answer.error);
  useRetryWhenLive(problem, ask);
  return { data: answer.data ?? last, loading: answer.fetching, problem, reload: () => ask() };
}
