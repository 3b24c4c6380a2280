"""Process managers, each a story: when this happens, then that is sent."""
