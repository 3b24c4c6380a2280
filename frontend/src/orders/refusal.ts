export interface Outcome {
  /** The request itself failed: network, bug, malformed. */
  error?: { message: string } | undefined;
  /** The domain's answer, as data. */
  errors?: readonly { code: string; message: string }[] | undefined;
}

/** Why a mutation changed nothing, in words; undefined where it went through. */
export function refusal({ error, errors }: Outcome): string | undefined {
  if (error) return error.message;
  if (!errors?.length) return undefined;
  return errors.map(({ code, message }) => `${message} (${code})`).join(" ");
}
