"""What compiled code raises where it meets something it was not made for."""


class Surprise(Exception):
    """The library must do it: its messages, paths and nulls are the ones that clients know."""
