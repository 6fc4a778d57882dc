"""The arrows of the house run one way: what DESIGN draws is what the imports say."""

import subprocess
import sys
from functools import cache

import grimp
import pytest

# Who may import whom. A room that is not named here imports no other room.
ARROWS = {
    "domain": set(),
    "store": {"domain"},
    "contract": set(),
    "hookspecs": {"contract"},
    "conformance": {"hookspecs"},
    "plugin_manager": {"hookspecs"},
    "services": {"domain", "store", "plugin_manager", "hookspecs", "settings"},
    "extensions": set(),
    "clock": set(),
    "setting_types": set(),
    "settings": {"setting_types"},
    "sources": {"settings"},
    "jobs": {"services", "domain", "clock", "settings"},
    "web": {"services", "domain", "extensions", "clock", "settings", "store"},
}
ROOTS = {"factory", "cli", "demo"}
ONLY_IMPORTERS = {
    "sqlalchemy": {"store", "conformance"},
    "flask_sqlalchemy": {"store"},
    "apscheduler": {"jobs"},
    "flask": {"web", "extensions", "factory", "cli", "demo", "jobs"},
    "pluggy": {"hookspecs", "plugin_manager"},
    "fpdf": {"services"},
    "fontTools": {"services"},
    "onelogin": set(),
    "authlib": set(),
    "joserfc": set(),
    "xmlsec": set(),
    "urllib3": {"services"},
    "dns": {"services"},
    "idna": {"services"},
    "publicsuffixlist": {"services"},
    "scim2_models": {"web"},
    "scim2_server": {"web"},
    "pyotp": {"services"},
    "standardwebhooks": {"services"},
    "segno": {"web"},
}


@cache
def graph(*, types: bool) -> grimp.ImportGraph:
    return grimp.build_graph(
        "app", include_external_packages=True, exclude_type_checking_imports=not types
    )


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(*, types: bool = True) -> list[tuple[str, str]]:
    """Every import as (importer, imported); with `types` those for annotations only, too."""
    found = graph(types=types)
    ours = [module for module in found.modules if module == "app" or module.startswith("app.")]
    return [
        (importer, imported)
        for importer in sorted(ours)
        for imported in sorted(found.find_modules_directly_imported_by(importer))
    ]


def test_every_room_is_on_the_plan():
    rooms = {room_of(importer) for importer, _ in imports()} - {""}
    assert rooms <= ARROWS.keys() | ROOTS


def test_arrows_between_rooms_run_as_drawn():
    wrong = [
        f"{importer} → {imported}"
        for importer, imported in imports()
        if imported.startswith("app.")
        and (source := room_of(importer)) not in ROOTS | {""}
        and (target := room_of(imported)) != source
        and target not in ARROWS[source]
    ]
    assert wrong == []


def test_nobody_sees_the_composition_root():
    wrong = [
        f"{importer} → {imported}"
        for importer, imported in imports()
        if room_of(imported) in ROOTS and room_of(importer) not in ROOTS | {""}
    ]
    assert wrong == []


def test_there_is_no_circle_of_modules():
    found = graph(types=False)
    circles = [
        module
        for module in found.modules
        if module.startswith("app.") and module in found.find_upstream_modules(module)
    ]
    assert circles == []


@pytest.mark.parametrize("library", sorted(ONLY_IMPORTERS))
def test_a_library_has_its_one_room(library):
    wrong = [
        importer
        for importer, imported in imports(types=False)
        if imported == library and room_of(importer) not in ONLY_IMPORTERS[library] | {""}
    ]
    assert wrong == []


def test_the_domain_uses_the_standard_library_only():
    outside = {
        imported.split(".")[0]
        for importer, imported in imports()
        if room_of(importer) == "domain" and not imported.startswith("app.domain")
    }
    assert outside <= set(sys.stdlib_module_names)


def test_importing_a_rule_loads_neither_flask_nor_sqlalchemy():
    check = (
        "import sys, app.domain.command, app.domain.settlement, app.domain.role;"
        "assert not {'flask', 'sqlalchemy', 'pydantic'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
