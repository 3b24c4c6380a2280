import { Alert, Button, Group, Text } from "@mantine/core";

interface ProblemProps {
  title: string;
  message: string;
  onRetry?: () => void;
}

/** Says what went wrong beside what is still known; never replaces it. */
export function Problem({ title, message, onRetry }: ProblemProps) {
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
