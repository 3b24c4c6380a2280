import { Stack } from "@mantine/core";
import { PageTitle } from "../ui/PageTitle";
import { LogTail } from "./LogTail";
import { PROJECTIONS, Projections } from "./Projections";

export const OperationsPage = () => (
  <>
    <PageTitle title="Operations" asked={{ document: PROJECTIONS }} />
    <Stack gap="md">
      <Projections />
      <LogTail />
    </Stack>
  </>
);
