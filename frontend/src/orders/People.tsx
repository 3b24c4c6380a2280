import { Stack, Title } from "@mantine/core";
import { countryName } from "../ui/words";
import { customerWords } from "./customerWords";
import classes from "./OrderPage.module.css";
import type { OrderDetails } from "./orderDocuments";

type Address = OrderDetails["addresses"][number];

export const People = ({ order }: { order: OrderDetails }) => (
  <section className={`panel ${classes.card}`} aria-label="Customer">
    <Title order={2} size="h5" mb="sm">
      Customer
    </Title>
    <Stack gap="sm">
      <p className={classes.address}>
        {[customerWords(order), order.guestEmail].filter(Boolean).join("\n")}
      </p>
      {headed(order.addresses).map(([heading, address]) => (
        <AddressCard key={heading} heading={heading} address={address} />
      ))}
      {order.notes.length > 0 && <h3 className={classes.label}>Notes</h3>}
      {order.notes.map((note) => (
        <div key={note.id} className={classes.note}>
          {note.text ?? "This note was redacted."}
        </div>
      ))}
    </Stack>
  </section>
);

const HEADINGS = { SHIPPING: "Ship to", BILLING: "Bill to" };

const AddressCard = ({ heading, address }: { heading: string; address: Address }) => (
  <div>
    <h3 className={classes.label}>{heading}</h3>
    <address className={classes.address}>{addressLines(address)}</address>
  </div>
);

const addressLines = ({ name, line1, line2, postcode, city, country }: Address): string =>
  [name, line1, line2, [postcode, city].filter(Boolean).join(" "), countryName(country)]
    .filter(Boolean)
    .join("\n");

/** One address for both purposes is shown once. */
function headed(addresses: Address[]): [heading: string, address: Address][] {
  const [first, second] = addresses;
  const same = first && second && addressLines(first) === addressLines(second);
  if (same) return [["Ship and bill to", first]];
  return addresses.map((address) => [HEADINGS[address.kind], address]);
}
