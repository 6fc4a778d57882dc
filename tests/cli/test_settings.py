"""Settings: where they come from, what is said of bad ones, and how the secret is kept."""

import json
import stat
import threading
from pathlib import Path

import pytest

from app.settings import Settings
from app.sources import BadSetting, load_settings, with_secret_key
from tests.cli.conftest import Coffer


def printed(coffer: Coffer) -> dict[str, dict[str, object]]:
    result = coffer("settings", "--json")
    assert result.exit_code == 0, result.stderr
    return {row["name"]: row for row in json.loads(result.stdout)}


def test_every_setting_has_a_meaning_and_a_source(coffer: Coffer):
    rows = printed(coffer)
    assert len(rows) == len(Settings.model_fields)
    assert all(row["meaning"] and row["source"] for row in rows.values())


def test_environment_comes_before_file_and_file_before_default(
    coffer: Coffer, environment: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "config.py").write_text("PORT = 9001\nSESSION_DAYS = 7\n")
    environment.setenv("COFFER_PORT", "9002")
    rows = printed(coffer)
    assert (rows["COFFER_PORT"]["value"], rows["COFFER_PORT"]["source"]) == (9002, "environment")
    assert rows["COFFER_SESSION_DAYS"]["value"] == 7
    assert rows["COFFER_SESSION_DAYS"]["source"] == "instance/config.py"
    assert rows["COFFER_HOST"]["source"] == "default"
    assert rows["COFFER_SECRET_KEY"]["source"] == "made on first start"


def test_secrets_are_masked(coffer: Coffer, environment: pytest.MonkeyPatch):
    environment.setenv("COFFER_SECRET_KEY", "s3cret-key")
    environment.setenv("DATABASE_URL", "postgres://coffer:s3cret@db.example/coffer")
    environment.setenv("COFFER_MAIL_URL", "smtps://me:s3cret@mail.example")
    result = coffer("settings")
    assert "s3cret" not in result.output
    assert "postgresql+psycopg://coffer:********@db.example/coffer" in result.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COFFER_PORT", "many", "COFFER_PORT (environment)"),
        ("COFFER_PORT", "0", "COFFER_PORT (environment)"),
        ("COFFER_PUBLIC_URL", "coffer.example", "must begin with http:// or https://"),
        ("DATABASE_URL", "mysql://db", "DATABASE_URL (environment)"),
        ("COFFER_MAIL_URL", "mail.example", "COFFER_MAIL_URL (environment)"),
        ("COFFER_RATE_LIMIT_PER_TOKEN", "often", "COFFER_RATE_LIMIT_PER_TOKEN (environment)"),
    ],
)
def test_a_bad_value_is_one_sentence(
    coffer: Coffer, environment: pytest.MonkeyPatch, name: str, value: str, said: str
):
    environment.setenv(name, value)
    result = coffer("settings")
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SESION_DAYS = 3", "Did you mean SESSION_DAYS?"),
        ("WHATEVER = 3", "`coffer settings` lists them all"),
        ("PORT = 'x'", "PORT (instance/config.py)"),
        ("PORT =", "instance/config.py can't be read"),
        ("raise ValueError('no')", "instance/config.py can't be read"),
    ],
)
def test_a_bad_file_is_one_sentence(coffer: Coffer, tmp_path: Path, text: str, said: str):
    (tmp_path / "config.py").write_text(text)
    result = coffer("settings")
    assert result.exit_code == 1
    assert said in result.stderr


def test_the_example_can_be_used_as_it_is(environment: pytest.MonkeyPatch, tmp_path: Path):
    example = Path(__file__).parents[2] / "instance" / "config.example.py"
    (tmp_path / "config.py").write_text(example.read_text("utf-8"), "utf-8")
    assert load_settings().is_https


def test_the_database_lies_in_the_instance_unless_set(
    environment: pytest.MonkeyPatch, tmp_path: Path
):
    assert load_settings().database_url == f"sqlite:///{tmp_path}/coffer.db"
    environment.setenv("DATABASE_URL", "postgresql://db/coffer")
    assert load_settings().database_url == "postgresql+psycopg://db/coffer"


def test_the_secret_is_made_once_and_for_its_owner_only(
    environment: pytest.MonkeyPatch, tmp_path: Path
):
    environment.setenv("COFFER_INSTANCE", str(tmp_path / "new"))
    first, second = with_secret_key(load_settings()), with_secret_key(load_settings())
    assert len(first.secret_key) >= 32
    assert first.secret_key == second.secret_key
    kept = tmp_path / "new" / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_the_secret(
    environment: pytest.MonkeyPatch, tmp_path: Path
):
    settings, found, barrier = load_settings(), set(), threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        found.add(with_secret_key(settings).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {(tmp_path / "secret_key").read_text()}


def test_an_unknown_argument_is_refused():
    with pytest.raises(BadSetting):
        load_settings(prot=1)
