"""What can go wrong with the log, said in one sentence with cause and remedy."""


class StoreError(Exception):
    """The database behind the log cannot do what was asked."""


class StoreUnavailable(StoreError):
    """The database cannot be opened or reached."""


class StoreMisconfigured(StoreError):
    """The database URL, or a setting beside it, is not one that we can work with."""


class VersionConflict(StoreError):
    """Another writer has already used a version that this append wanted to write."""


class UnreadableEvent(StoreError):
    """The log holds an event that cannot be decoded. Other events of the log can."""


class UnknownEventType(UnreadableEvent):
    """The log holds an event whose type this version of `orderlog` does not know."""
