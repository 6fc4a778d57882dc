"""One answer, twice at once: it works once, whoever is faster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.refusals import SignInRefused
from app.services.sso.enter import Entered
from app.services.sso.given import Given
from app.services.sso.set_up import edit_provider
from app.store.database import db
from app.store.identities import Identity, SsoSession
from tests.plugins.saml.company import quick_keys
from tests.services.racing import at_once
from tests.services.sso.identity import Direct

ROOT = Path(__file__).resolve().parents[3]
ONE_PROCESS = """
import sys
from pathlib import Path
from app import create_app
from app.domain.refusals import SignInRefused
from app.hookspecs import Arrival
from app.services.sso.complete import Landing, complete
from app.services.sso.record import Visitor
from datetime import datetime

url, folder, public_id, now, packed = sys.argv[1:]
app = create_app(database_url=url, instance=Path(folder))
with app.app_context():
    arrival = Arrival("POST", (("SAMLResponse", packed),))
    landing = Landing(arrival, None, Visitor("", ""), is_browser=False)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        complete(public_id, landing, datetime.fromisoformat(now))
        print("in")
    except SignInRefused:
        print("refused")
"""


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    quick_keys(monkeypatch)


@pytest.fixture
def company(app, cast, vouched):
    made = Direct(app, cast.acme.id)
    vouched("acme.test")
    edit_provider(cast.access("alice"), made.id, Given(unsolicited=True), cast.now)
    return made


def sessions():
    db.session.rollback()
    return len(db.session.scalars(db.select(SsoSession)).all())


def test_four_threads_with_one_unsolicited_answer(app, company):
    raw = company.idp.answer(company.says(), company.now)
    outcomes = at_once(app, *[lambda: company.complete(raw)] * 4)
    assert sorted(type(each).__name__ for each in outcomes) == ["Entered"] + ["SignInRefused"] * 3
    assert sessions() == 1
    refused = [record.refused_by for record in company.records() if record.refused_by]
    assert refused == ["replay"] * 3


def test_four_threads_with_one_handle(app, company):
    asked, handle, browser = company.begun()
    raw = company.idp.answer(company.says(asked), company.now)
    outcomes = at_once(app, *[lambda: company.complete(raw, handle, browser)] * 4)
    assert sum(isinstance(each, Entered) for each in outcomes) == 1
    assert sum(isinstance(each, SignInRefused) for each in outcomes) == 3
    assert sessions() == 1


def test_two_first_sign_ins_of_one_person(app, company):
    """Both answers are good; the account is opened once."""
    raws = [company.idp.answer(company.says(), company.now) for _ in range(3)]
    outcomes = at_once(app, *[lambda raw=raw: company.complete(raw) for raw in raws])
    assert [type(each).__name__ for each in outcomes] == ["Entered"] * 3
    assert len({each.person.id for each in outcomes}) == 1
    assert len(db.session.scalars(db.select(Identity)).all()) == 1


@pytest.mark.slow
class TestProcesses:
    """Two processes of a server, on PostgreSQL, get the same answer at the same instant."""

    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    def test_it_works_once(self, app, company, database_url, tmp_path):
        from tests.plugins.saml.idp import packed

        for _ in range(3):
            raw = packed(company.idp.answer(company.says(), company.now))
            command = [sys.executable, "-c", ONE_PROCESS, database_url, str(tmp_path), company.id]
            command += [company.now.isoformat(), raw]
            processes = [
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=os.environ,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for _ in range(2)
            ]
            for process in processes:
                assert process.stdout.readline() == "ready\n"
            for process in processes:
                process.stdin.write("go\n")
                process.stdin.flush()
            outs = sorted(process.communicate(timeout=60)[0].strip() for process in processes)
            assert outs == ["in", "refused"]
        assert sessions() == 3
