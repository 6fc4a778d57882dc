"""Real threads that do something at the same moment, each in its own context."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.store.database import db


def at_once(app, *deeds):
    """Run the deeds at once; give what each returned, or the exception that it raised."""
    barrier = threading.Barrier(len(deeds))

    def run(deed):
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                return deed()
            except Exception as error:  # noqa: BLE001 - the test judges it
                return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        outcomes = list(pool.map(run, deeds))
    db.session.rollback()  # what the test reads next is the state afterwards
    return outcomes
