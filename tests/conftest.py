"""What every room of tests may ask for; the fixtures themselves live in `tests/support`."""

from hypothesis import settings

pytest_plugins = [
    "tests.support.browser",
    "tests.support.clients",
    "tests.support.databases",
    "tests.support.program",
    "tests.support.workshop",
]

settings.register_profile("orderlog", settings(), deadline=None)  # a busy machine proves nothing
settings.load_profile("orderlog")
