"""GraphQL over HTTP: what clients want, what they send, how they are answered."""
