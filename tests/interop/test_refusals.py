# SPDX-License-Identifier: MIT
"""What the gateway refuses, answers itself or bears in silence, octet by octet: raw SIP on one side, a scripted XMPP server on the other."""
import os
import re
import time
import unittest

import harness
import sipua
import xmppstub
from sipua import Caller, Server
from xmppstub import Stub, body, condition

BIG = 64 * 1024


def setUpModule():
    global stub, uas, gateway
    stub, uas = Stub(harness.SECRET), Server()
    gateway = harness.Gateway(stub.port, f"udp:127.0.0.1:{uas.port}", ["--sip-trust", "127.0.0.1/32"]).start()


def tearDownModule():
    gateway.stop()
    stub.close()
    uas.close()


class Base(unittest.TestCase):
    def setUp(self):
        gateway.check()
        stub.reply = Stub.obedient
        stub.clear()
        uas.clear()
        uas.reply = lambda message: 200
        self.streams = stub.streams

    def tearDown(self):
        self.assertEqual(stub.streams, self.streams, "the stream to the XMPP server was broken")

    def still_works(self):
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body="still alive").code, 200)
        self.assertEqual(body(stub.wait(match=lambda m: body(m) == "still alive")[0]), "still alive")

    def round_trip(self):
        """A ping to the component and back: whatever the gateway had to send before is there."""
        number = f"stub-ping-{os.urandom(4).hex()}"
        stub.send(f"<iq type='get' from='xmpp.example' to='sip.example' id='{number}'><ping xmlns='urn:xmpp:ping'/></iq>")
        self.assertEqual([iq.get("type") for iq in stub.wait("iq", match=lambda iq: iq.get("id") == number)], ["result"])


class FromSip(Base):
    """Each refusal: its code, what the code needs, and no stanza."""

    def refused(self, code, **request):
        with Caller(gateway.port) as caller:
            answer = caller.ask(**request)
        self.assertIsNotNone(answer, "no answer")
        self.assertEqual(answer.code, code, answer.start)
        self.assertRegex(answer.get("to"), r";tag=\S+")
        self.assertEqual(answer.body, b"")
        self.assertEqual(stub.wait(count=0), [])
        return answer

    def test_content_type(self):
        for kind in ("image/png", "text/html", "application/octet-stream"):
            answer = self.refused(415, content_type=kind, body="x")
            self.assertIn("text/plain", answer.get("accept"))

    def test_charset_and_encoding(self):
        self.refused(415, content_type="text/plain;charset=klingon")
        self.refused(415, headers=["Content-Encoding: gzip"])

    def test_broken_utf8(self):
        self.refused(400, body=b"\xc3\x28")

    def test_methods(self):
        for method in ("INVITE", "SUBSCRIBE", "REGISTER", "PUBLISH", "INFO", "FOO"):
            with Caller(gateway.port) as caller:
                octets = caller.request(method=method, body="", headers=["Contact: <sip:romeo@127.0.0.1>", "Event: presence"])
                caller.send(octets)
                answer = caller.final()
                self.assertIn(answer.code, (405, 501), method)
                self.assertIn("MESSAGE", answer.get("allow"))
                if method == "INVITE":
                    caller.send(octets.replace(b"INVITE sip", b"ACK sip").replace(b"1 INVITE", b"1 ACK"))
        self.assertEqual(stub.wait(count=0), [])

    def test_options(self):
        with Caller(gateway.port) as caller:
            answer = caller.ask(method="OPTIONS", body="")
        self.assertEqual(answer.code, 200)
        self.assertIn("MESSAGE", answer.get("allow"))
        self.assertIn("text/plain", answer.get("accept"))

    def test_foreign_sender(self):
        for sender in ("sip:romeo@other.example", "sip:juliet@xmpp.example", "sip:romeo@sip.example.evil.example",
                       "sip:romeo%40sip.example@evil.example"):
            self.refused(403, sender=sender)

    def test_untrusted_source(self):
        for transport in ("udp", "tcp"):
            with Caller(gateway.port, transport, source="127.0.0.2") as caller:
                self.assertEqual(caller.ask().code, 403)
        self.assertEqual(stub.wait(count=0), [])

    def test_foreign_domain(self):
        self.refused(404, to="sip:juliet@other.example")

    def test_sips(self):
        """7247-8-02: never translated."""
        for request in ({"to": "sips:juliet@xmpp.example"}, {"to_header": "<sips:juliet@xmpp.example>"}):
            answer = self.refused(480, **request)
            self.assertRegex(answer.get("warning"), r"^380 ")

    def test_hops(self):
        self.refused(483, max_forwards=0)

    def test_loop(self):
        """The same request by another way, while the first is under way and after it."""
        stub.reply = lambda stub, stanza: None
        with Caller(gateway.port) as caller:
            shape = {"call_id": "loop", "tag": "loop", "cseq": 7, "body": "x"}
            caller.send(caller.request(branch="z9hG4bKone", **shape))
            ping = stub.wait("iq")[0]
            caller.send(caller.request(branch="z9hG4bKtwo", **shape))
            self.assertEqual(caller.final().code, 482)
            stub.send(xmppstub.pong(ping))
            self.assertEqual(caller.final().code, 200)
        self.assertEqual(len(stub.wait(count=0)), 1)

    def test_require_and_dialogs(self):
        answer = self.refused(420, headers=["Require: foo"])
        self.assertIn("foo", answer.get("unsupported"))
        self.refused(481, to_header="<sip:juliet@xmpp.example>;tag=unknown")

    def test_scheme(self):
        for uri in ("tel:+15551234", "http://xmpp.example/"):
            self.assertIn(self.refused_any(to=uri, to_header="<sip:juliet@xmpp.example>").code, (404, 416, 484))

    def refused_any(self, **request):
        with Caller(gateway.port) as caller:
            answer = caller.ask(**request)
        self.assertIsNotNone(answer)
        self.assertGreaterEqual(answer.code, 400)
        self.assertEqual(stub.wait(count=0), [])
        return answer

    def test_addresses_that_no_jid_has(self):
        for uri in ("sip:%00@xmpp.example", "sip:a%C3%28@xmpp.example", "sip:%07@xmpp.example", "sip:" + "x" * 2000 + "@xmpp.example"):
            self.assertIn(self.refused_any(to=uri).code, (400, 404, 414, 484), uri[:40])

    def test_large_user(self):
        with Caller(gateway.port, "tcp") as caller:
            caller.send(caller.request(to="sip:" + "x" * BIG + "@xmpp.example"))
            answer = caller.final(3)
            self.assertTrue(answer is None or answer.code in (400, 404, 414, 484, 513), answer)
        self.assertEqual(stub.wait(count=0), [])
        self.still_works()

    def test_content_length(self):
        with Caller(gateway.port) as caller:
            caller.send(caller.request(body="short").replace(b"Content-Length: 5", b"Content-Length: 50"))
            self.assertEqual(caller.final().code, 400)
            caller.send(caller.request(body="short and more").replace(b"Content-Length: 14", b"Content-Length: 5"))
            self.assertEqual(caller.final().code, 200)
        self.assertEqual(body(stub.wait()[0]), "short")

    def test_markup_is_text(self):
        text = "</body></message><message to='x@xmpp.example'><body>&lt;![CDATA[ ]]></stream:stream>"
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body=text, headers=["Subject: </subject><x/>&amp;"],
                                        sender="sip:romeo@sip.example;gr='%3E%3Cx/%3E%26").code, 200)
        stanza = stub.wait()[0]
        self.assertEqual(body(stanza), text)
        self.assertEqual(stanza.findtext(xmppstub.ACCEPT + "subject"), "</subject><x/>&amp;")
        self.assertEqual(stanza.get("from"), "romeo@sip.example/'><x/>&")


def torture():
    """Bad messages: (what is wrong, octets, True if it must be refused, False if it must be passed over, None if either will do)."""
    good = sipua.request(local=("127.0.0.1", 9))
    yield "no version", good.replace(b" SIP/2.0\r\nVia", b"\r\nVia", 1), None
    yield "version 7", good.replace(b" SIP/2.0\r\nVia", b" SIP/7.0\r\nVia", 1), None
    yield "no Via", re.sub(rb"Via: [^\r]*\r\n", b"", good), False
    yield "no From", re.sub(rb"From: [^\r]*\r\n", b"", good), None
    yield "no To", re.sub(rb"To: [^\r]*\r\n", b"", good), None
    yield "no Call-ID", re.sub(rb"Call-ID: [^\r]*\r\n", b"", good), None
    yield "no CSeq", re.sub(rb"CSeq: [^\r]*\r\n", b"", good), None
    yield "another method in CSeq", good.replace(b"1 MESSAGE", b"1 INVITE"), True
    yield "CSeq above 2^31", good.replace(b"CSeq: 1 ", b"CSeq: 99999999999 "), True
    yield "two From", good.replace(b"To: ", b"From: <sip:x@sip.example>;tag=2\r\nTo: ", 1), True
    yield "angle left open", good.replace(b"<sip:juliet@xmpp.example>", b"<sip:juliet@xmpp.example"), True
    yield "quote left open", good.replace(b"From: <", b'From: "Romeo <'), True
    yield "header without colon", good.replace(b"To: ", b"Nonsense\r\nTo: ", 1), True
    yield "NUL in a header", good.replace(b"Call-ID: c", b"Call-ID: c\0"), None
    yield "negative Content-Length", good.replace(b"Content-Length: 2", b"Content-Length: -2"), True
    yield "bare LF", good.replace(b"\r\n", b"\n"), None
    yield "binary", bytes(range(256)), False
    yield "only zeros", bytes(64), False
    yield "HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", False
    yield "response out of nowhere", b"SIP/2.0 200 OK\r\n" + good.split(b"\r\n", 1)[1], False
    yield "response with code 999", b"SIP/2.0 999 OK\r\n" + good.split(b"\r\n", 1)[1], False
    yield "spaces in Request-URI", good.replace(b"MESSAGE sip:juliet@xmpp.example", b"MESSAGE  sip:juliet@xmpp.example "), None
    yield "escape cut off", good.replace(b"sip:juliet@", b"sip:jul%4@"), True
    yield "port above 65535", good.replace(b"@xmpp.example SIP", b"@xmpp.example:99999 SIP"), True
    yield "a thousand Via", good.replace(b"Max-F", b"Via: SIP/2.0/UDP x;branch=z9hG4bKx\r\n" * 1000 + b"Max-F", 1), None
    yield "a header of 30 kB", good.replace(b"Max-F", b"X: " + b"y" * 30000 + b"\r\nMax-F", 1), None
    yield "truncated", good[:60], False
    for at in range(80, len(good), 97):
        yield f"truncated at {at}", good[:at], None


class Torture(Base):
    """Made here after RFC 4475's ideas: 400 (or another refusal) or silence, and the gateway goes on."""

    def test_datagrams(self):
        for name, octets, answered in torture():
            with self.subTest(name), Caller(gateway.port) as caller:
                caller.send(octets.replace(b"127.0.0.1:9;", b"127.0.0.1:%d;" % caller.local[1]))
                answer = caller.receive(3 if answered else 0.05)
                if answered:
                    self.assertIsNotNone(answer, name)
                if answered is False:
                    self.assertIsNone(answer, name)
                if answer is not None and answered is not None:
                    self.assertGreaterEqual(answer.code, 400)
        self.still_works()

    def test_streams(self):
        for name, octets, _ in torture():
            with self.subTest(name), Caller(gateway.port, "tcp") as caller:
                try:
                    caller.send(octets.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
                except ConnectionError:
                    pass
        self.still_works()

    def test_bytewise_stream(self):
        with Caller(gateway.port, "tcp") as caller:
            octets = b"\r\n\r\n" + caller.request(body="a\u00fcb") + caller.request(body="second")
            for at in range(0, len(octets), 7):
                caller.send(octets[at:at + 7])
            self.assertEqual([caller.final().code, caller.final().code], [200, 200])
        self.assertEqual([body(m) for m in stub.wait(count=2)], ["a\u00fcb", "second"])

    def test_idle_connections(self):
        callers = [Caller(gateway.port, "tcp") for _ in range(100)]
        for caller in callers:
            caller.send(b"MESSAGE sip:x")
        self.still_works()
        for caller in callers:
            caller.socket.close()


class BarrierCase(Base):
    """The final response to a MESSAGE; M-5-21."""

    def bounce(self, *arguments):
        def reply(stub, stanza):
            if stanza.tag.endswith("}message"):
                stub.send(xmppstub.error(stanza, *arguments))
            else:
                Stub.obedient(stub, stanza)
        return reply

    def test_no_answer_before_the_ping(self):
        stub.reply = lambda stub, stanza: None
        with Caller(gateway.port) as caller:
            caller.send(caller.request())
            ping = stub.wait("iq")[0]
            self.assertIsNotNone(ping.find(xmppstub.PING))
            self.assertIsNone(caller.receive(0.2))
            stub.send(xmppstub.pong(ping))
            self.assertEqual(caller.final().code, 200)

    def test_an_error_answers_the_ping_as_well(self):
        stub.reply = lambda stub, stanza: stub.send(xmppstub.error(stanza, "service-unavailable")) if stanza.tag.endswith("}iq") else None
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask().code, 200)

    def test_bounces(self):
        """7247-7.1: Table 2, as a 4xx of another domain's (DESIGN 3), with the text as the reason."""
        for name, codes in (("item-not-found", (404,)), ("service-unavailable", (403,)), ("recipient-unavailable", (480,)),
                            ("forbidden", (403,)), ("not-acceptable", (406,)), ("jid-malformed", (400,)),
                            ("remote-server-not-found", (404,)), ("remote-server-timeout", (504,)),  # 408 may not be sent: RFC 4320 4.2
                            ("resource-constraint", (500,)), ("gone", (410,)), ("internal-server-error", (500,)),
                            ("feature-not-implemented", (501, 405)), ("not-authorized", (401, 403)), ("no-such-condition", None)):
            stub.reply = self.bounce(name, "cancel", "Warum\r\nX-Evil: 1 \u00fc")
            with Caller(gateway.port) as caller:
                answer = caller.ask()
            with self.subTest(name):
                if codes:
                    self.assertIn(answer.code, codes)
                self.assertGreaterEqual(answer.code, 400)
                self.assertNotIn("x-evil", dict(answer.headers))
                self.assertIn("Warum", answer.reason)

    def test_bounce_from_another_domain_is_not_believed(self):
        def reply(stub, stanza):
            if stanza.tag.endswith("}message"):
                stub.send(xmppstub.error(stanza, "item-not-found").replace("from='juliet@xmpp.example'", "from='x@evil.example'"))
            Stub.obedient(stub, stanza)
        stub.reply = reply
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask().code, 200)

    def test_barrier_timeout(self):
        stub.reply = lambda stub, stanza: None
        with Caller(gateway.port) as caller:
            begin = time.monotonic()
            self.assertEqual(caller.ask(timeout=9).code, 504)
            self.assertLess(time.monotonic() - begin, 8)


class FromXmpp(Base):
    """What a component answers for itself, and what it must never answer."""

    def ask(self, payload, to="sip.example", kind="get", name="iq"):
        number = f"q{os.urandom(4).hex()}"
        stub.send(f"<{name} type='{kind}' from='juliet@xmpp.example/balcony' to='{to}' id='{number}'>{payload}</{name}>")
        found = stub.wait(name, match=lambda stanza: stanza.get("id") == number, timeout=4)
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0].get("to"), "juliet@xmpp.example/balcony")
        self.assertEqual(found[0].get("from"), to)
        return found[0]

    def test_disco_info(self):
        answer = self.ask("<query xmlns='http://jabber.org/protocol/disco#info'/>")
        info = "{http://jabber.org/protocol/disco#info}"
        self.assertEqual(answer.get("type"), "result")
        identities = [(i.get("category"), i.get("type")) for i in answer.iter(info + "identity")]
        self.assertEqual([category for category, _ in identities], ["gateway"])
        features = {f.get("var") for f in answer.iter(info + "feature")}
        self.assertLessEqual({"http://jabber.org/protocol/disco#info", "urn:xmpp:ping", "jabber:iq:version"}, features)

    def test_version(self):
        answer = self.ask("<query xmlns='jabber:iq:version'/>")
        self.assertEqual(answer.get("type"), "result")
        self.assertIn("stox", answer.findtext("{jabber:iq:version}query/{jabber:iq:version}name"))
        self.assertTrue(answer.findtext("{jabber:iq:version}query/{jabber:iq:version}version"))

    def test_ping(self):
        self.assertEqual(self.ask("<ping xmlns='urn:xmpp:ping'/>").get("type"), "result")

    def test_unknown_iq(self):
        for to in ("sip.example", "romeo@sip.example", "romeo@sip.example/x"):
            for kind in ("get", "set"):
                answer = self.ask("<query xmlns='jabber:iq:private'/>", to, kind)
                self.assertEqual(answer.get("type"), "error")
                self.assertIn(condition(answer)[1], ("service-unavailable", "feature-not-implemented"))

    def test_never_answered(self):
        """No error, result or contentless message is answered, whatever it holds."""
        for text in ("<message type='error' from='juliet@xmpp.example/b' to='romeo@sip.example' id='n1'><body>x</body>"
                     "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                     "<message type='error' from='juliet@xmpp.example' to='sip.example'/>",
                     "<iq type='result' from='xmpp.example' to='sip.example' id='nothing'/>",
                     "<iq type='error' from='xmpp.example' to='sip.example' id='nothing'><error type='cancel'/></iq>",
                     "<iq type='result' from='evil@xmpp.example' to='sip.example' id='ping-1'/>",
                     "<presence type='error' from='juliet@xmpp.example/b' to='romeo@sip.example'/>",
                     "<presence from='juliet@xmpp.example/b' to='romeo@sip.example'/>",
                     "<presence type='unavailable' from='juliet@xmpp.example/b' to='romeo@sip.example'/>",
                     "<message from='juliet@xmpp.example/b' to='romeo@sip.example' type='chat'>"
                     "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"):
            stub.send(text)
        self.round_trip()
        self.assertEqual(stub.wait(count=0), [])
        self.assertEqual(stub.wait("presence", count=0), [])
        self.assertEqual(len(stub.wait("iq", count=0)), 1)
        self.assertEqual(uas.requests, [])

    def test_presence_does_no_harm(self):
        for kind in ("subscribe", "unsubscribe", "subscribed", "unsubscribed", "probe"):
            stub.send(f"<presence type='{kind}' from='juliet@xmpp.example' to='romeo@sip.example' id='p-{kind}'/>")
        self.round_trip()
        for presence in stub.wait("presence", count=0):
            self.assertIn(presence.get("type"), ("error", "unsubscribed", "unavailable"))
            self.assertEqual(presence.get("to"), "juliet@xmpp.example")
        self.assertEqual(uas.requests, [])
        self.still_works()

    def test_groupchat_is_refused_and_headline_is_carried(self):
        answer = self.ask("<body>all</body>", "romeo@sip.example", "groupchat", "message")
        self.assertEqual(answer.get("type"), "error")
        self.assertEqual(condition(answer)[1], "service-unavailable")
        self.assertEqual(uas.requests, [])
        for kind in ("headline", "normal", "chat"):
            stub.send(f"<message type='{kind}' from='juliet@xmpp.example/b' to='romeo@sip.example'><body>{kind}</body></message>")
        self.assertEqual([m.text for m in uas.wait(count=3)], ["headline", "normal", "chat"])

    def test_unknown_attributes_and_injection(self):
        stub.send("<message xmlns:e='urn:e' e:x='1' from=\"juliet@xmpp.example/b\" to='romeo@sip.example' id='&#13;&#10;X: y'>"
                  "<subject>a&#13;&#10;Via: x</subject><body>b</body></message>")
        request = uas.wait()[0]
        self.assertEqual(len(request.all("via")), 1)
        self.assertIsNone(request.get("x"))
        self.assertNotIn("\r", request.get("subject"))
        self.assertIn("Via: x", request.get("subject"))

    def test_message_to_the_gateway_itself(self):
        """M-4-34: nobody is there."""
        answer = self.ask("<body>x</body>", "sip.example", "chat", "message")
        self.assertEqual((answer.get("type"), condition(answer)[1]), ("error", "service-unavailable"))
        self.assertEqual(uas.requests, [])

    def test_forged_from(self):
        """One of our own domains is no sender; nothing goes to SIP."""
        stub.send("<message from='romeo@sip.example' to='nurse@sip.example' id='forged'><body>x</body></message>")
        self.round_trip()
        self.assertEqual(uas.requests, [])


if __name__ == "__main__":
    harness.main()
