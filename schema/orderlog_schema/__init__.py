"""The GraphQL face: what is shown, asked, told and watched, a folder per feature."""
