import { Button, Modal } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import classes from "./Shell.module.css";

const KEYS = [
  ["j", "next order of the list"],
  ["k", "previous order of the list"],
  ["Enter", "opens it; with Ctrl in a new tab"],
  ["p", "pauses what is live, and resumes it"],
  ["Ctrl '", "asks for this page in the playground"],
  ["?", "shows these keys"],
  ["Esc", "closes them"],
];

/** The keys that the console knows; inside a field they only write. */
export function KeyHelp() {
  const [opened, { toggle, close }] = useDisclosure();
  // Most keyboards type "?" with Shift, some without.
  useHotkeys([
    ["shift+?", toggle],
    ["?", toggle],
  ]);
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        onClick={toggle}
        rightSection={<kbd className={classes.key}>?</kbd>}
      >
        Keys
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Keys"
        size="sm"
        centered
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <dl className={classes.keys}>
          {KEYS.map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd className={classes.key}>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}
