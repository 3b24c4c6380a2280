"""Who asks: tokens are checked here, at the rim; what is behind sees a `Principal`."""
