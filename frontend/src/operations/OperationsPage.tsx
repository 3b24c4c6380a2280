import { Stack } from "@mantine/core";
import { Needs } from "../ui/Needs";
import { PageTitle } from "../ui/PageTitle";
import { LogTail } from "./LogTail";
import { PROJECTIONS, Projections } from "./Projections";

export const OperationsPage = () => (
  <>
    <PageTitle title="Operations" asked={{ document: PROJECTIONS }} />
    <Stack gap="md">
      <Needs what="Projections" field="Query.projections">
        <Projections />
      </Needs>
      <Needs what="The log" field="Query.events">
        <LogTail />
      </Needs>
    </Stack>
  </>
);
