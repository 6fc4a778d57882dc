"""What was answered outlives a power cut: SQLite waits for the disk at each commit."""

from app import create_app
from app.store.database import db


def test_sqlite_waits_for_the_disk(sqlite_url, tmp_path):
    app = create_app(database_url=sqlite_url, instance=tmp_path)
    with app.app_context():
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        db.engine.dispose()
