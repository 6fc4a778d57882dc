"""A real DNS server on loopback, on UDP and TCP, that answers as a test tells it."""

import contextlib
import threading
from collections.abc import Iterator

from dnslib import CNAME, QTYPE, RCODE, RR, TXT, DNSError, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

LONGEST_STRING = 255
LONGEST_PACKET = 512
PORTS_TRIED = 20
POLL_SECONDS = 0.02


class Handler(DNSHandler):
    """Answers over UDP are cut at the classic limit, so that long ones come by TCP."""

    def get_reply(self, data):
        """Answer a packet. What is cut keeps its question, as with any real server."""
        packed = super().get_reply(data)
        if self.protocol == "tcp" or len(packed) <= LONGEST_PACKET:
            return packed
        cut = DNSRecord.parse(packed)
        cut.rr, cut.header.tc = [], 1
        return cut.pack()


class NameServer(BaseResolver):
    """What each name has; names are asked without regard to case."""

    def __init__(self):
        self.port = 0
        self.asked = []
        self.answers = {}
        self.meanwhile = None

    @property
    def setting(self):
        """How the setting `dns_servers` names this server."""
        return f"127.0.0.1:{self.port}"

    def publish(self, domain, *texts):
        """Give the domain these TXT records and no others; without any it merely exists."""
        self.answers[domain] = lambda reply: reply.add_answer(*[_txt(domain, t) for t in texts])

    def alias(self, domain, target, *texts):
        """Make the domain an alias, whose target has these TXT records."""
        records = [RR(domain, QTYPE.CNAME, rdata=CNAME(target), ttl=1)]
        records += [_txt(target, text) for text in texts]
        self.answers[domain] = lambda reply: reply.add_answer(*records)

    def fail(self, domain, code):
        """Answer questions about the domain with an error, such as SERVFAIL."""
        self.answers[domain] = lambda reply: setattr(reply.header, "rcode", getattr(RCODE, code))

    def be_silent(self, domain):
        """Don't answer questions about the domain."""
        self.answers[domain] = _no_answer

    def forget(self):
        """Know no name at all."""
        self.answers.clear()
        self.asked.clear()
        self.meanwhile = None

    def resolve(self, request, handler):
        """Answer one question, after what the test does meanwhile."""
        name = str(request.q.qname).rstrip(".").lower()
        self.asked.append((name, QTYPE[request.q.qtype], handler.protocol))
        if self.meanwhile is not None:
            self.meanwhile()
        reply = request.reply()
        if name not in self.answers:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            self.answers[name](reply)
        return reply


@contextlib.contextmanager
def running() -> Iterator[NameServer]:
    """Serve until the end, on a port that the system chose."""
    zone = NameServer()
    tcp, udp = _pair(zone)
    zone.port = tcp.server.server_address[1]
    threads = [
        threading.Thread(target=each.server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        for each in (udp, tcp)
    ]
    for thread in threads:
        thread.start()
    try:
        yield zone
    finally:
        for each in (udp, tcp):
            each.server.shutdown()
            each.server.server_close()


def _pair(zone):
    """Listen on one port by both ways; one that is free for TCP may be taken for UDP."""
    quiet = DNSLogger(logf=lambda _: None)
    for _ in range(PORTS_TRIED):
        tcp = DNSServer(zone, "127.0.0.1", 0, tcp=True, logger=quiet, handler=Handler)
        port = tcp.server.server_address[1]
        try:
            return tcp, DNSServer(zone, "127.0.0.1", port, logger=quiet, handler=Handler)
        except OSError:
            tcp.server.server_close()
    raise AssertionError(f"no port of {PORTS_TRIED} was free for TCP and UDP")


def _txt(name, text):
    """A record of several strings where one would be too long; bytes are sent as they are."""
    raw = text if isinstance(text, bytes) else text.encode()
    strings = [raw[at : at + LONGEST_STRING] for at in range(0, len(raw), LONGEST_STRING)]
    return RR(name, QTYPE.TXT, rdata=TXT(strings or [b""]), ttl=1)


def _no_answer(_):
    raise DNSError
