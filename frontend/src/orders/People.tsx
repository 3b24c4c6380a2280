import { Stack, Title } from "@mantine/core";
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
      {order.addresses.map((address) => (
        <AddressCard key={address.kind} address={address} />
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

const AddressCard = ({ address }: { address: Address }) => (
  <div>
    <h3 className={classes.label}>{address.kind === "SHIPPING" ? "Ship to" : "Bill to"}</h3>
    <address className={classes.address}>
      {[
        address.name,
        address.line1,
        address.line2,
        [address.postcode, address.city].filter(Boolean).join(" "),
        address.country,
      ]
        .filter(Boolean)
        .join("\n")}
    </address>
  </div>
);
