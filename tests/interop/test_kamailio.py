# SPDX-License-Identifier: MIT
"""Kamailio as registrar and proxy of the SIP domain: both directions go through it."""
import unittest

import harness
import sipp
import xmppstub
from sipua import Caller, Server
from xmppclient import Client, body


class Through:
    """All cases once with UDP and once with TCP between Kamailio and the gateway."""

    @classmethod
    def setUpClass(cls):
        cls.prosody = harness.Prosody().start()
        port = harness.free_port()
        cls.kamailio = harness.Kamailio(port, cls.transport).start()
        cls.gateway = harness.Gateway(cls.prosody.component_port, f"{cls.transport}:127.0.0.1:{cls.kamailio.port}", port=port).start()
        cls.phone = Server()
        cls.juliet = Client(cls.prosody.client_port)
        cls.register("romeo", cls.phone)

    @classmethod
    def tearDownClass(cls):
        cls.juliet.close()
        cls.phone.close()
        cls.gateway.stop()
        cls.kamailio.end()
        cls.prosody.end()

    @classmethod
    def register(cls, user, phone):
        with Caller(cls.kamailio.port) as caller:
            answer = caller.ask(to="sip:sip.example", sender=f"sip:{user}@sip.example", to_header=f"<sip:{user}@sip.example>",
                                method="REGISTER", body="", headers=[f"Contact: <sip:{user}@127.0.0.1:{phone.port}>", "Expires: 600"])
        if answer is None or answer.code != 200:
            raise AssertionError(f"registration: {answer}")

    def setUp(self):
        self.gateway.check()
        self.juliet.clear()
        self.phone.clear()
        self.phone.reply = lambda message: 200

    def test_sip_to_xmpp(self):
        for transport in ("udp", "tcp"):
            text = f"Shall I hear \u00fc more by {transport}?"
            succeeded, messages = sipp.call(self.kamailio.port, transport, body=text)
            self.assertTrue(succeeded, messages)
            self.assertEqual(body(self.juliet.wait(match=lambda m: body(m) == text)[0]), text)

    def test_sip_to_nobody(self):
        with Caller(self.kamailio.port) as caller:
            answer = caller.ask(to="sip:nobody@xmpp.example")
        self.assertIn(answer.code, (403, 404, 480))

    def test_xmpp_to_sip(self):
        self.juliet.message("romeo@sip.example", "Wherefore \u00fc?", id="k1")
        request = self.phone.wait()[0]
        self.assertEqual(request.text, "Wherefore \u00fc?")
        self.assertEqual(len(request.all("via")), 2)
        self.assertEqual(int(request.get("max-forwards")), 69)
        self.juliet.round_trip("sip.example")
        self.assertEqual(self.juliet.wait(count=0), [])

    def test_xmpp_to_nobody(self):
        self.juliet.message("tybalt@sip.example", "Hi", id="k2")
        stanza = self.juliet.wait()[0]
        self.assertEqual((stanza.get("type"), stanza.get("id")), ("error", "k2"))
        self.assertEqual(xmppstub.condition(stanza)[:2], ("cancel", "item-not-found"))

    def test_phone_refuses(self):
        self.phone.reply = lambda message: 486
        self.juliet.message("romeo@sip.example", "Hi", id="k3")
        stanza = self.juliet.wait()[0]
        self.assertEqual((stanza.get("type"), stanza.get("id")), ("error", "k3"))
        self.assertEqual(xmppstub.condition(stanza)[:2], ("wait", "recipient-unavailable"))

    def test_two_phones(self):
        """Kamailio forks; both ring, the sender hears nothing."""
        with Server() as other:
            self.register("benvolio", self.phone)
            self.register("benvolio", other)
            self.juliet.message("benvolio@sip.example", "Hi", id="k4")
            self.assertEqual(self.phone.wait()[0].text, "Hi")
            self.assertEqual(other.wait()[0].text, "Hi")
            self.juliet.round_trip("sip.example")
            self.assertEqual(self.juliet.wait(count=0), [])

    def test_long_message(self):
        text = "0123456789\u00fc" * 800
        with Caller(self.kamailio.port, "tcp") as caller:
            answer = caller.ask(body=text)
        self.assertEqual(answer.code, 200)
        self.assertEqual(body(self.juliet.wait()[0]), text)
        self.juliet.message("romeo@sip.example", text, id="long")
        self.assertEqual(self.phone.wait()[0].text, text)

    def test_order(self):
        for number in range(50):
            self.juliet.message("romeo@sip.example", f"number {number}")
        self.assertEqual([r.text for r in self.phone.wait(count=50, timeout=15)], [f"number {i}" for i in range(50)])

    def test_loops(self):
        """RFC 5393: what comes back to the gateway ends there, as one error to its sender."""
        for user in ("again", "back"):
            self.juliet.message(f"{user}@sip.example", "round and round", id=f"loop-{user}")
            stanza = self.juliet.wait(match=lambda m: m.get("id") == f"loop-{user}")[0]
            self.assertEqual(stanza.get("type"), "error")
            self.assertIn(xmppstub.condition(stanza)[1], ("not-acceptable", "forbidden"))
        self.juliet.round_trip("sip.example")
        self.assertEqual(len(self.juliet.wait(count=0)), 2)

    def test_sip_domain_from_sip(self):
        """The gateway is no way from the SIP domain to itself."""
        with Caller(self.gateway.port) as caller:
            answer = caller.ask(to="sip:romeo@sip.example")
        self.assertIn(answer.code, (403, 404, 482))
        self.assertEqual(self.phone.requests, [])


class OverUdp(Through, unittest.TestCase):
    transport = "udp"


class OverTcp(Through, unittest.TestCase):
    transport = "tcp"

    def test_proxy_killed_and_restarted(self):
        self.kamailio.kill()
        self.juliet.message("romeo@sip.example", "Hi", id="away")
        self.assertEqual([(m.get("type"), m.get("id")) for m in self.juliet.wait()], [("error", "away")])
        self.kamailio.start()
        self.register("romeo", self.phone)
        self.juliet.message("romeo@sip.example", "back", id="back")
        self.assertEqual([m.text for m in self.phone.wait()], ["back"])
        with Caller(self.kamailio.port) as caller:
            self.assertEqual(caller.ask(body="back too").code, 200)
        self.assertEqual(len(self.juliet.wait(match=lambda m: body(m) == "back too")), 1)


if __name__ == "__main__":
    harness.main("prosody", "kamailio", "sipp")
