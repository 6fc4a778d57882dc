"""Seals: read again by this installation, in their own place, and by nobody else."""

import pytest

from app.services.sealing import SealBroken, seal, seal_with, unseal

ABOUT = "second factor of person 3"


@pytest.fixture(autouse=True)
def installation(app):
    seal_with("a secret")


@pytest.mark.parametrize("text", ["", "JBSWY3DPEHPK3PXP", "ключ\n", "x" * 5000])
def test_sealed_text_is_read_again(text):
    sealed = seal(text, ABOUT)
    assert unseal(sealed, ABOUT) == text
    assert not text or text not in sealed
    assert seal(text, ABOUT) != sealed


def test_text_can_t_be_moved_to_another_place():
    with pytest.raises(SealBroken):
        unseal(seal("text", ABOUT), "second factor of person 4")


def test_another_secret_opens_nothing():
    sealed = seal("text", ABOUT)
    seal_with("another secret")
    with pytest.raises(SealBroken):
        unseal(sealed, ABOUT)


def test_what_a_former_secret_sealed_is_still_read():
    sealed = seal("text", ABOUT)
    seal_with("a new secret", "an older one", "a secret")
    assert unseal(sealed, ABOUT) == "text"
    renewed = seal("text", ABOUT)
    seal_with("a secret")
    with pytest.raises(SealBroken):
        unseal(renewed, ABOUT)


@pytest.mark.parametrize("forged", ["", "x", "gAAAAA", "ключ"])
def test_what_was_never_sealed_is_refused(forged):
    with pytest.raises(SealBroken):
        unseal(forged, ABOUT)


def test_one_changed_letter_breaks_the_seal():
    sealed = seal("text", ABOUT)
    changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    with pytest.raises(SealBroken):
        unseal(changed, ABOUT)


def test_the_factory_gives_the_installation_s_secret(tmp_path, database_url):
    from app import create_app

    one, other = (
        create_app(instance=tmp_path, database_url=database_url, secret_key=key)
        for key in ("one secret", "other secret")
    )
    with one.app_context():
        sealed = seal("text", ABOUT)
        assert unseal(sealed, ABOUT) == "text"
    with other.app_context(), pytest.raises(SealBroken):
        unseal(sealed, ABOUT)
