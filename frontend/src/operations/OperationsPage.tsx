import { Stack } from "@mantine/core";
import { PageTitle } from "../ui/PageTitle";
import { LogTail } from "./LogTail";
import { Projections } from "./Projections";

export const OperationsPage = () => (
  <>
    <PageTitle title="Operations" />
    <Stack gap="md">
      <Projections />
      <LogTail />
    </Stack>
  </>
);
