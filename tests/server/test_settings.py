"""Settings come from options, variables and a file, in this order; a wrong one is one sentence."""

from datetime import timedelta
from pathlib import Path

import pytest

from orderlog_server.channel_settings import channels_of
from orderlog_server.settings import LogFormat, Settings, SettingsError, is_loopback, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ORDERLOG_{name.upper()}", raising=False)
    return tmp_path


def test_nothing_has_to_be_set() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///orderlog.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_an_option_counts_more_than_a_variable_and_that_more_than_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "orderlog.toml").write_text('port = 1\nlog_format = "json"\nhost = "::1"')
    monkeypatch.setenv("ORDERLOG_PORT", "2")
    monkeypatch.setenv("ORDERLOG_HOST", "localhost")
    settings = load_settings(host="127.0.0.2", port=None)
    assert (settings.host, settings.port) == ("127.0.0.2", 2)
    assert settings.log_format is LogFormat.JSON


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "ORDERLOG_PORT"),
        ("PORT", "70000", "less than or equal to 65535"),
        ("HOST", "0.0.0.0", "without tokens the server binds to loopback only"),  # noqa: S104 - refused, that is the point
        ("HOST", "example.com", "use 127.0.0.1, ::1 or localhost"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("WAREHOUSE_ID", "north-1", "warehouse_id"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("ORDERLOG_AUTH", "none")
    monkeypatch.setenv(f"ORDERLOG_{name}", value)
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings()
    assert repr(value) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('[{"id": "North 1"}]', r"channels\.0\.id .* cannot be 'North 1'"),
        ('[{"id": "north", "prefix": "N"}]', r"channels\.0\.prefix .* not permitted"),
        ('[{"id": "north"}, {"id": "north"}]', "each channel is named once"),
        ("north", "ORDERLOG_CHANNELS does not hold JSON"),
    ],
)
def test_a_wrong_channel_is_named(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    monkeypatch.setenv("ORDERLOG_CHANNELS", value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_a_channel_has_rules_of_its_own_and_the_default_one_is_always_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    described = '[{"id": "north", "order_number_prefix": "N-", "payment_hours": 2}]'
    monkeypatch.setenv("ORDERLOG_CHANNELS", described)
    channels = channels_of(load_settings().channels)
    north = channels.get("north")
    assert (north.order_number_prefix, north.payment_window) == ("N-", timedelta(hours=2))
    assert channels.get("default").order_number_prefix == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 8000", r"There is no setting 'prot' in orderlog\.toml; there are: database_url"),
        ("port = ", "is not valid TOML"),
        ("port = [1, 2]", "port"),
    ],
)
def test_a_wrong_file_is_named(empty_folder: Path, text: str, said: str) -> None:
    (empty_folder / "orderlog.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LocalHost"])
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.168.1.7", "localhost.example.com"])  # noqa: S104 - refused
def test_what_others_can_reach_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
