"""Settings of plugins: checked by kind; secrets are sealed, lent to the plugin, never shown."""

import json

import pytest
from sqlalchemy import text

from app.domain.refusals import InvalidRequest
from app.hookspecs import Manifest, SettingField
from app.services.directory import directory
from app.services.plugins.installed import installed, settings_of
from app.services.plugins.listing import show_plugin
from app.services.plugins.set_fields import set_setting, set_settings
from app.services.sealing import seal_with
from app.store.database import current_engine
from tests.conftest import START
from tests.plugins.packages import installed_with, made_of

FIELDS = (
    SettingField("api_key", "secret", "opens the till", ""),
    SettingField("mode", "choice", "which till", "test", ("test", "live")),
    SettingField("limit", "integer", "at most", 5),
    SettingField("loud", "boolean", "whether it shouts", False),
    SettingField("greeting", "text", "what it says", "hello"),
)
SECRET = "sk_live_ключ"


@pytest.fixture
def shop(app):
    return installed_with(made_of(manifest=Manifest("shop", "1", "", settings=FIELDS)))


def given():
    plugin = installed().plugins["shop"]
    return settings_of(plugin, directory().fresh(START))


def in_the_database():
    with current_engine().connect() as connection:
        row = connection.execute(text("SELECT * FROM plugins WHERE name = 'shop'")).one()
    return json.dumps(list(map(str, row)), ensure_ascii=False)


def test_a_secret_is_sealed_given_to_the_plugin_and_never_shown(shop):
    set_setting("shop", "api_key", SECRET)
    assert given()["api_key"] == SECRET
    assert SECRET not in in_the_database()
    shown = show_plugin("shop", START).plugin
    assert shown.settings["api_key"] == "set"
    assert SECRET not in repr(shown)


def test_a_secret_that_is_left_empty_in_a_form_stays_and_alone_is_forgotten(shop):
    set_setting("shop", "api_key", SECRET)
    set_settings("shop", {"api_key": "", "mode": "live", "limit": "7", "loud": "true"})
    values = {"api_key": SECRET, "mode": "live", "limit": 7, "loud": True, "greeting": "hello"}
    assert given() == values
    set_setting("shop", "api_key", "")
    assert given()["api_key"] == ""
    assert show_plugin("shop", START).plugin.settings["api_key"] == "not set"


def test_a_secret_of_another_key_counts_as_not_set_and_that_is_told(shop):
    set_setting("shop", "api_key", SECRET)
    seal_with("another secret key")
    set_setting("shop", "limit", "6")
    assert given()["api_key"] == ""
    assert "set it again" in shop.plugins["shop"].last_error
    seal_with("third", "another secret key", shop_key(shop))
    set_setting("shop", "limit", "7")
    assert given()["api_key"] == SECRET


def shop_key(_shop):
    from flask import current_app

    return current_app.extensions["coffer"].settings.secret_key


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_mistakes_are_told_at_once_and_nothing_is_set(shop):
    with pytest.raises(InvalidRequest) as wrong:
        set_settings(
            "shop",
            {"mode": "dead", "limit": "many", "loud": "maybe", "greeting": "a\0", "odd": "1"},
        )
    assert [field for field, _ in wrong.value.errors] == [
        "mode",
        "limit",
        "loud",
        "greeting",
        "odd",
    ]
    assert given()["limit"] == 5
    with pytest.raises(InvalidRequest, match="At most"):
        set_setting("shop", "limit", "9" * 20)
    with pytest.raises(InvalidRequest, match="At most"):
        set_setting("shop", "greeting", "x" * 3000)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (SettingField("a_secret", "secret", "", "default"), "must have no default"),
        (SettingField("mode", "choice", "", "off", ("on",)), "none of its choices"),
        (SettingField("limit", "integer", "", True), "is no integer"),
        (SettingField("Limit", "integer", "", 1), "small letters"),
        (SettingField("limit", "number", "", 1), "of the kinds text, integer"),
        ("limit", "of the kinds text, integer"),
    ],
)
def test_a_field_that_makes_no_sense_refuses_the_plugin(field, reason):
    from app.plugin_manager import PluginManager

    found = made_of(manifest=Manifest("shop", "1", "", settings=(field,)))
    assert reason in PluginManager().load("shop", "test", lambda: found).reason
