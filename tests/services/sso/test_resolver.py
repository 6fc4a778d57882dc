"""The resolver against a real DNS server: clear answers and none are kept well apart."""

import socket

import pytest

from app.domain.domain_claim import Silent, Told
from app.services.sso.resolver import Resolver

PATIENCE, SHORT = 5.0, 0.2


@pytest.fixture
def resolver(name_server):
    return Resolver([("127.0.0.1", name_server.port)], PATIENCE)


def test_all_texts_are_told_and_long_ones_are_put_together(name_server, resolver):
    long = "v=spf1 " + "ip4:192.0.2.1 " * 25
    name_server.publish("acme.test", long, "second", "")
    told = resolver.texts_of("acme.test")
    assert told.exists
    assert sorted(told.texts) == ["", "second", long]


def test_what_is_too_long_for_one_packet_comes_by_tcp(name_server, resolver):
    texts = [f"record {number} " + "x" * 90 for number in range(40)]
    name_server.publish("acme.test", *texts)
    assert sorted(resolver.texts_of("acme.test").texts) == sorted(texts)
    assert [protocol for _, _, protocol in name_server.asked] == ["udp", "tcp"]


def test_a_name_without_texts_and_no_name_at_all(name_server, resolver):
    name_server.publish("acme.test")
    assert resolver.texts_of("acme.test") == Told()
    assert resolver.texts_of("other.test") == Told(exists=False)


def test_bytes_that_are_no_text_break_nothing(name_server, resolver):
    name_server.publish("acme.test", b"\xff\x00\xfe", "ours")
    assert "ours" in resolver.texts_of("acme.test").texts


def test_what_an_alias_leads_to_does_not_count(name_server, resolver):
    name_server.alias("acme.test", "shop.elsewhere.test", "ours")
    assert resolver.texts_of("acme.test") == Told(alias="shop.elsewhere.test")


@pytest.mark.parametrize("code", ["SERVFAIL", "REFUSED"])
def test_an_error_is_no_answer_and_is_named(code, name_server, resolver):
    name_server.fail("acme.test", code)
    assert resolver.texts_of("acme.test") == Silent(f"it said {code}")


def test_silence_ends_after_the_time_that_is_set(name_server):
    name_server.be_silent("acme.test")
    answer = Resolver([("127.0.0.1", name_server.port)], SHORT).texts_of("acme.test")
    assert answer == Silent("none came within 0.2 seconds")


def test_the_next_server_is_asked_when_one_is_broken(name_server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    name_server.publish("acme.test", "ours")
    servers = [("127.0.0.1", port), ("127.0.0.1", name_server.port)]
    assert Resolver(servers, 3 * SHORT).texts_of("acme.test") == Told(("ours",))


def test_the_whole_name_is_asked_whatever_the_system_would_add(name_server, resolver):
    resolver.texts_of("xn--bcher-kva.test")
    assert name_server.asked == [("xn--bcher-kva.test", "TXT", "udp")]
