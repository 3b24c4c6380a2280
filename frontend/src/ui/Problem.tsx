import { Alert, Button, Group, Text } from "@mantine/core";
import { useSession } from "../graphql/session";

interface ProblemProps {
  title: string;
  message: string;
  onRetry?: () => void;
}

/** Says what went wrong beside what is still known; never replaces it. */
export function Problem({ title, message, onRetry }: ProblemProps) {
  // Nothing can be read without a session, and the frame says so once for all.
  if (useSession().refused) return null;
  return (
    <Alert color="red" variant="light" title={title} role="alert">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{message}</Text>
        {onRetry && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
