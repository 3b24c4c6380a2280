"""GraphQL over WebSocket: the protocol graphql-transport-ws, from the frame to the operation."""
