"""The verbs that move a workspace, and their lines of the audit log."""

from app.services.moving.export_workspace import export_workspace
from app.services.moving.import_workspace import import_workspace
from app.services.workspaces.rename import rename
from tests.services.audit.log import lines


def test_moving(cast, story, tmp_path):
    """A workspace comes back beside the one that it was written from, which has another address."""
    file = tmp_path / "acme.coffer"
    with story("moving"):
        export_workspace("acme", file, cast.now)
        rename(cast.access("alice"), slug="acme-before")
        import_workspace(file, cast.now)
    (arrived,) = [line for line in lines() if line.kind == "account.imported"]
    assert arrived.about == "acme"
    assert arrived.chain != cast.acme.id
