import { Button, CopyButton } from "@mantine/core";
import { Glyph } from "./Glyph";

export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          onClick={copy}
          leftSection={<Glyph name={copied ? "check" : "copy"} size={12} />}
        >
          {copied ? "Copied" : label}
        </Button>
      )}
    </CopyButton>
  );
}
