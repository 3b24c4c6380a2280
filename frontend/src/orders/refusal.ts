import type { CombinedError } from "@urql/core";
import { problemWords } from "../graphql/problem";

export interface Outcome {
  /** The request itself failed: network, bug, malformed. */
  error?: CombinedError | undefined;
  /** The domain's answer, as data. */
  errors?: readonly { code: string; message: string }[] | undefined;
}

/** Why a mutation changed nothing, in words; undefined where it went through. */
export function refusal({ error, errors }: Outcome): string | undefined {
  if (error) return problemWords(error);
  if (!errors?.length) return undefined;
  return errors.map(({ code, message }) => `${message} (${code})`).join(" ");
}
