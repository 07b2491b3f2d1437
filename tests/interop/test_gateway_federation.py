# SPDX-License-Identifier: MIT
"""The gateway as an XMPP server among others: Prosody and ejabberd, by certificates, by dialback, and both refused."""
import unittest

import gatewaypeers as peers
import harness
import logins
import xmppstub
from sipua import Caller, Server
from xmppclient import Client, body


def setUpModule():
    global names, authority, other, uas, servers, gateway, weak, picky, juliets
    names, authority, other, uas = peers.Names(), logins.Authority(), logins.Authority(), Server()
    hop = f"udp:127.0.0.1:{uas.port}"
    servers = [peers.Ejabberd("jabber.example", names, authority, authority.domain("jabber.example")),
               peers.Prosody("xmpp.example", names, authority, authority.domain("xmpp.example")),
               peers.Prosody("strict.example", names, authority, authority.domain("strict.example"), strict=True),
               peers.Ejabberd("severe.example", names, authority, authority.domain("severe.example"), strict=True)]
    gateways = [  # by certificates alone; without one that anybody trusts; trusting nobody
        peers.Gateway("sip.example", names, authority, authority.domain("sip.example"), hop),
        peers.Gateway("weak.example", names, other, other.domain("weak.example"), hop, dialback=True),
        peers.Gateway("picky.example", names, other, authority.domain("picky.example"), hop)]
    for program in servers + gateways:
        program.start()
    gateway, weak, picky = gateways
    juliets = {server.domain: Client(server.client_port, domain=server.domain) for server in servers}


def tearDownModule():
    for juliet in juliets.values():
        juliet.close()
    for program in (gateway, weak, picky):
        program.stop()
    for server in servers:
        server.end()
    uas.close()
    names.close()


def ask(by, domain, text="Hi", user="juliet", timeout=15.0):
    """The final response to a MESSAGE from romeo to a user of a domain."""
    with Caller(by.port) as caller:
        return caller.ask(timeout, to=f"sip:{user}@{domain}", sender=f"sip:romeo@{by.domain}", body=text)


class Base(unittest.TestCase):
    def setUp(self):
        for program in (gateway, weak, picky):
            program.check()
        for juliet in juliets.values():
            juliet.clear()
        uas.clear()
        uas.reply = lambda message: 200

    def refused(self, juliet, to):
        """An error comes back for a message; nothing reaches SIP."""
        juliet.message(f"romeo@{to}", "Hi", id="refused")
        stanza = juliet.wait(timeout=20, match=lambda m: m.get("id") == "refused")[0]
        self.assertEqual(stanza.get("type"), "error")
        self.assertIn(xmppstub.condition(stanza)[1], ("remote-server-not-found", "remote-server-timeout"))
        self.assertEqual(uas.requests, [])


class Exchange:
    """7247-5-01: both ways between `by` and the server of `domain`, authenticated as `way` says."""

    @property
    def juliet(self):
        return juliets[self.domain]

    def test_to_xmpp(self):
        answer = ask(self.by(), self.domain, "Shall I hear more \u00fc?")
        self.assertEqual(answer.code, 200)
        stanza = self.juliet.wait()[0]
        self.assertEqual(body(stanza), "Shall I hear more \u00fc?")
        self.assertEqual(stanza.get("from"), f"romeo@{self.by().domain}")
        self.assertIn(f" by={self.way} tls=yes ", self.by().events("xmpp-up", self.domain)[-1])

    def test_from_xmpp(self):
        self.juliet.message(f"romeo@{self.by().domain}", "Wherefore \u00fc?", id="x1")
        request = uas.wait(timeout=15)[0]
        self.assertEqual(request.text, "Wherefore \u00fc?")
        self.assertIn(f"sip:juliet@{self.domain}", request.get("from"))
        self.assertIn(f" by={self.way} tls=yes ", self.by().events("xmpp-heard", self.domain)[-1])
        self.juliet.round_trip(self.by().domain)
        self.assertEqual(self.juliet.wait(count=0), [])

    def test_nobody_there(self):
        self.assertIn(ask(self.by(), self.domain, user="nobody").code, (403, 404, 405, 480))

    def test_no_such_phone(self):
        uas.reply = lambda message: 404
        self.juliet.message(f"tybalt@{self.by().domain}", "Hi", id="x2")
        stanza = self.juliet.wait(timeout=15)[0]
        self.assertEqual((stanza.get("type"), stanza.get("id")), ("error", "x2"))
        self.assertEqual(xmppstub.condition(stanza)[:2], ("cancel", "item-not-found"))


class ProsodyByCertificate(Exchange, Base):
    domain, way = "xmpp.example", "external"

    @staticmethod
    def by():
        return gateway

    def test_order(self):
        for number in range(50):
            self.juliet.message("romeo@sip.example", f"number {number}")
        self.assertEqual([r.text for r in uas.wait(count=50, timeout=15)], [f"number {i}" for i in range(50)])
        with Caller(gateway.port) as caller:
            for number in range(50):
                caller.send(caller.request(to="sip:juliet@xmpp.example", sender="sip:romeo@sip.example", body=f"{number}"))
            codes = [caller.final().code for _ in range(50)]
        self.assertEqual(codes, [200] * 50)
        self.assertEqual([body(m) for m in self.juliet.wait(count=50)], [f"{i}" for i in range(50)])
        self.assertEqual(len(gateway.events("xmpp-up", "xmpp.example")), 1)

    def test_what_it_says_of_itself(self):
        self.juliet.send("<iq type='get' to='sip.example' id='d1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")
        answer = self.juliet.wait("iq", timeout=15, match=lambda iq: iq.get("id") == "d1")[0]
        identity = answer.find("{http://jabber.org/protocol/disco#info}query/{http://jabber.org/protocol/disco#info}identity")
        self.assertEqual((answer.get("type"), identity.get("category")), ("result", "gateway"))

    def test_subscription_is_refused(self):
        self.juliet.send("<presence type='subscribe' to='romeo@sip.example'/>")
        self.assertTrue(self.juliet.wait("presence", timeout=15, match=lambda p: p.get("type") == "error"))


class EjabberdByCertificate(Exchange, Base):
    domain, way = "jabber.example", "external"

    @staticmethod
    def by():
        return gateway


class StrictProsodyByCertificate(Exchange, Base):
    domain, way = "strict.example", "external"

    @staticmethod
    def by():
        return gateway


class StrictEjabberdByCertificate(Exchange, Base):
    domain, way = "severe.example", "external"

    @staticmethod
    def by():
        return gateway


class ProsodyByDialback(Exchange, Base):
    domain, way = "xmpp.example", "dialback"

    @staticmethod
    def by():
        return weak


class EjabberdByDialback(Exchange, Base):
    domain, way = "jabber.example", "dialback"

    @staticmethod
    def by():
        return weak


class BetweenGateways(Base):
    def test_direct_tls_by_static_routes(self):
        """XEP-0368: from SIP over XMPP to SIP, with TLS from the first octet on and no name resolved."""
        ports = {"one.example": harness.free_port(), "two.example": harness.free_port()}
        both = [peers.Gateway(domain, names, authority, authority.domain(domain), f"udp:127.0.0.1:{uas.port}", options=[
            "--xmpp-s2s-listen", f"tls:127.0.0.1:{ports[domain]}", "--xmpp-route", f"{other}=tls:127.0.0.1:{ports[other]}"]).start()
            for domain, other in (("one.example", "two.example"), ("two.example", "one.example"))]
        asked = len(names.asked)
        for by, to in (both, both[::-1]):
            self.assertEqual(ask(by, to.domain, f"to {to.domain}").code, 200)
            request = uas.wait(match=lambda m: m.request_uri == f"sip:juliet@{to.domain}")[0]
            self.assertEqual(request.text, f"to {to.domain}")
            self.assertIn(" by=external tls=yes verified=yes", by.events("xmpp-up", to.domain)[0])
        self.assertEqual(names.asked[asked:], [])
        for program in both:
            program.stop()


class Refused(Base):
    def test_our_certificate(self):
        """A server that wants a certificate refuses one of an authority that it does not know, in both directions."""
        for domain in ("strict.example", "severe.example"):
            self.assertEqual(ask(weak, domain).code, 504, domain)
            self.assertEqual(juliets[domain].wait(count=0), [])
            self.refused(juliets[domain], "weak.example")

    def test_their_certificate(self):
        """So does the gateway, where dialback is off."""
        for domain in ("xmpp.example", "jabber.example"):
            self.assertEqual(ask(picky, domain).code, 504, domain)
            self.assertEqual(juliets[domain].wait(count=0), [])
            self.assertEqual(picky.events("xmpp-up", domain), [])
            self.assertNotIn("reason=OK", picky.events("xmpp-down", domain)[-1])
            self.refused(juliets[domain], "picky.example")
            self.assertEqual(picky.events("xmpp-heard", domain), [])

    def test_certificate_of_another_domain(self):
        server = peers.Prosody("wrong.example", names, authority, authority.domain("right.example")).start()
        self.assertEqual(ask(gateway, "wrong.example").code, 504)
        self.assertIn("reason=AUTH", gateway.events("xmpp-down", "wrong.example")[-1])
        server.end()


class Away(Base):
    def test_domains_that_are_not_there(self):
        names.at["down.example"] = harness.free_port()
        self.assertEqual(ask(gateway, "down.example").code, 504)
        self.assertEqual(ask(gateway, "nowhere.example").code, 404)

    def test_server_goes_and_comes_back(self):
        server = peers.Prosody("late.example", names, authority, authority.domain("late.example")).start()
        self.assertEqual(ask(gateway, "late.example").code, 200)
        server.end()
        self.assertIn(ask(gateway, "late.example").code, (503, 504))
        server.start()
        harness.wait_until(lambda: ask(gateway, "late.example").code == 200, 15, "a message to late.example")
        server.end()


if __name__ == "__main__":
    if not peers.Ejabberd.libraries():
        harness.skip("ejabberd is not installed")
    harness.main("prosody", "erl", "openssl")
