"""The documents that have a name, as the settings say."""

from orderlog_schema.execution.persisted import Persisted
from orderlog_schema.manifest import ManifestError, read_manifest
from orderlog_server.settings import Settings, SettingsError


def open_persisted(settings: Settings) -> Persisted:
    """Raises `SettingsError` for a manifest that cannot be read, or an allow-list without one."""
    path, production = settings.operations_manifest, settings.production
    if path is None:
        if settings.allow_list_only:
            message = (
                "With allow_list_only nothing is allowed without a manifest: make one with "
                "`orderlog operations manifest`, and name it in ORDERLOG_OPERATIONS_MANIFEST."
            )
            raise SettingsError(message)
        return Persisted(get_by_name=production)
    try:
        texts = read_manifest(path).texts
    except ManifestError as error:
        raise SettingsError(str(error)) from None
    return Persisted(texts, only=settings.allow_list_only, get_by_name=production)
