"""Payment gateways: the port that processes speak to, and what stands behind it."""
