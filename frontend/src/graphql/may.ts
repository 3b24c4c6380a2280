import { ALLOWED } from "../gql/allowed";
import type { Claims } from "./claims";
import { currentSession, useSession } from "./session";

/** A field that is not for everybody: "Mutation.cancelOrder". */
export type Field = keyof typeof ALLOWED;

/** As the schema's `@allowed` names who asks: staff and applications by each of their roles too. */
function audiencesOf({ kind, roles }: Claims): string[] {
  if (kind === "customer") return ["EVERYBODY", "CUSTOMER"];
  if (kind === "system") return ["EVERYBODY", "STAFF", "ADMIN"];
  return ["EVERYBODY", "STAFF", ...roles.map((role) => role.toUpperCase())];
}

/** Whether it is worth asking. The server decides; where nobody is asked who they are, it grants all. */
export function may(field: Field, claims = currentSession().claims): boolean {
  const allowed: readonly string[] = ALLOWED[field];
  return !claims || audiencesOf(claims).some((audience) => allowed.includes(audience));
}

export const useMay = (field: Field): boolean => may(field, useSession().claims);
