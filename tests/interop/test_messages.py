# SPDX-License-Identifier: MIT
"""Messages both ways between real clients: sipp or a raw SIP socket on one side, slixmpp behind Prosody on the other."""
import json
import re
import time
import unittest

import harness
import sipp
import sipua
import xmppstub
import xmppclient
from sipua import Caller, Server
from xmppclient import LANG, Client, body

THREAD = xmppclient.CLIENT + "thread"
SUBJECT = xmppclient.CLIENT + "subject"
TEXT = "Wie geht's? <b>&amp; \u00fc \u20ac \U0001f600 \u202e \u0301 ]]> \"quoted\" 'single' %s %41 \\27"


def setUpModule():
    global prosody, uas, gateway, juliet
    prosody = harness.Prosody(users=("juliet", "nurse", "o\\27hara", "j\u00fclia")).start()
    uas = Server()
    gateway = harness.Gateway(prosody.component_port, f"udp:127.0.0.1:{uas.port}").start()
    juliet = Client(prosody.client_port)


def tearDownModule():
    juliet.close()
    gateway.stop()
    uas.close()
    prosody.end()


class Base(unittest.TestCase):
    def setUp(self):
        gateway.check()
        juliet.clear()
        uas.clear()
        uas.reply = lambda message: 200

    def one(self, stanzas):
        self.assertEqual(len(stanzas), 1, stanzas)
        return stanzas[0]

    def nothing_came(self):
        """A ping to the component and back proves that the gateway had sent juliet nothing."""
        juliet.round_trip("sip.example")
        self.assertEqual(juliet.wait(count=0), [])


class SipToXmpp(Base):
    """7247-6.4, 7572 Table 2."""

    def deliver(self, transport):
        succeeded, messages = sipp.call(gateway.port, transport, body=TEXT, headers=["Subject: A \u00dc <subject>",
                                                                                   "Content-Language: cs"])
        self.assertTrue(succeeded, messages.decode("utf-8", "replace"))
        stanza = self.one(juliet.wait())
        self.assertEqual(body(stanza), TEXT)
        self.assertEqual(stanza.get("from"), "romeo@sip.example")
        self.assertEqual(stanza.get("to"), "juliet@xmpp.example")
        self.assertEqual(stanza.get(LANG), "cs")
        self.assertEqual(stanza.findtext(SUBJECT), "A \u00dc <subject>")
        self.assertIn(stanza.get("type", "normal"), ("normal", "chat"))
        call_id = re.search(rb"Call-ID: (\S+)", messages).group(1).decode()
        self.assertEqual(stanza.findtext(THREAD), call_id)
        self.assertEqual(sipp.answers(messages), [(200, "OK")])
        return stanza

    def test_sipp_over_udp(self):
        self.deliver("udp")

    def test_sipp_over_tcp(self):
        self.deliver("tcp")

    def test_200_comes_after_the_server_took_the_stanza(self):
        with Caller(gateway.port) as caller:
            marker = f"barrier {time.monotonic()}"
            self.assertEqual(caller.ask(body=marker).code, 200)
        lines = [json.loads(line) for line in (gateway.folder / "trace").read_text("utf-8").split("\n") if line]

        def at(proto, direction, *words):
            return next(i for i, line in enumerate(lines) if line["proto"] == proto and line["dir"] == direction and
                        all(word in line["bytes"] for word in words) and i >= start)
        start = 0
        start = at("sip", "in", "MESSAGE ", marker)
        call_id = re.search(r"Call-ID: (\S+)", lines[start]["bytes"]).group(1)
        order = [start, at("xmpp", "out", marker), at("xmpp", "out", "urn:xmpp:ping"),
                 at("xmpp", "in", "result"), at("sip", "out", "SIP/2.0 200", call_id)]
        self.assertEqual(order, sorted(order))
        self.assertEqual(self.one(juliet.wait(match=lambda m: body(m) == marker)).get("from"), "romeo@sip.example")

    def test_addresses(self):
        with Caller(gateway.port) as caller:
            for uri, user in (("sip:o%27hara@xmpp.example", "o\\27hara"), ("sip:o'hara@xmpp.example", "o\\27hara"),
                              ("sip:j%C3%BClia@xmpp.example", "j\u00fclia")):
                client = Client(prosody.client_port, user)
                answer = caller.ask(to=uri, sender="sip:o'malley@sip.example;gr=a%20b")
                self.assertEqual(answer.code, 200, uri)
                stanza = self.one(client.wait())
                self.assertEqual(stanza.get("from"), "o\\27malley@sip.example/a b")
                self.assertEqual(stanza.get("to").split("/")[0], user + "@xmpp.example")
                client.close()

    def test_full_jid_by_gruu(self):
        with Client_at("garden") as other, Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(to="sip:juliet@xmpp.example;gr=garden", body="to the garden").code, 200)
            self.assertEqual(self.one(other.wait()).get("to"), "juliet@xmpp.example/garden")
            self.nothing_came()

    def test_nobody_there(self):
        with Caller(gateway.port) as caller:
            for uri in ("sip:nobody@xmpp.example", "sip:nobody@xmpp.example;gr=x"):
                answer = caller.ask(to=uri)
                self.assertIn(answer.code, (403, 404, 405, 480), answer.start)
                self.assertGreater(len(answer.reason), 3)
            self.assertEqual(caller.ask(to="sip:juliet@elsewhere.example").code, 404)
        self.nothing_came()

    def test_sipp_nobody_there(self):
        succeeded, messages = sipp.call(gateway.port, to="juliet@elsewhere.example", code=404)
        self.assertTrue(succeeded, messages)

    def test_offline_user_gets_it_later(self):
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(to="sip:nurse@xmpp.example", body="for later").code, 200)
        nurse = Client(prosody.client_port, "nurse")
        self.assertEqual(body(self.one(nurse.wait())), "for later")
        nurse.close()

    def test_line_ends_and_controls(self):
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body="a\r\nb\rc\nd\tbell\x07.").code, 200)
        self.assertEqual(body(self.one(juliet.wait())), "a\nb\nc\nd\tbell\ufffd.")

    def test_retransmission(self):
        """One stanza and one answer, octet for octet, however often the request is repeated; M-5-24."""
        with Caller(gateway.port) as caller:
            octets = caller.request(body="again")
            caller.send(octets)
            first = caller.final()
            for _ in range(3):
                caller.send(octets)
                self.assertEqual(caller.final().raw, first.raw)
            self.assertEqual(first.code, 200)
            self.assertEqual(caller.ask(body="last").code, 200)
        self.assertEqual([body(m) for m in juliet.wait(count=2)], ["again", "last"])

    def test_order(self):
        texts = [f"number {i}" for i in range(200)]
        with Caller(gateway.port, "tcp") as caller:
            for text in texts:
                caller.send(caller.request(body=text))
            codes = [caller.final().code for _ in texts]
        self.assertEqual(codes, [200] * 200)
        self.assertEqual([body(m) for m in juliet.wait(count=200, timeout=15)], texts)

    def test_sipp_one_after_the_other(self):
        succeeded, messages = sipp.call(gateway.port, times=200, timeout=30)
        self.assertTrue(succeeded, messages[-2000:])
        self.assertEqual(sipp.answers(messages), [(200, "OK")] * 200)
        found = juliet.wait(count=200)
        self.assertEqual(len({m.get("id") for m in found}), 200)

    def test_long_body(self):
        text = "\u00fc0123456789" * 4000
        with Caller(gateway.port, "tcp") as caller:
            self.assertEqual(caller.ask(body=text).code, 200)
        self.assertEqual(body(self.one(juliet.wait())), text)

    def test_datagram_of_16_kb(self):
        text = "x" * 16000
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body=text).code, 200)
        self.assertEqual(body(self.one(juliet.wait())), text)


class Hostile(Base):
    """Prosody ends a component's stream at the first bad address or bad octet: nothing from SIP may make it do so."""

    def setUp(self):
        super().setUp()
        self.before = prosody.log().count("component disconnected")

    def tearDown(self):
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body="after all").code, 200)
        self.assertEqual(len(juliet.wait(match=lambda m: body(m) == "after all")), 1)
        self.assertEqual(prosody.log().count("component disconnected"), self.before, "the stream was broken")

    def answered(self, count, requests):
        """Sends them all over one connection; each gets one final response."""
        with Caller(gateway.port, "tcp") as caller:
            for shape in requests:
                caller.send(caller.request(**shape))
            answers = [caller.final() for _ in range(count)]
        self.assertNotIn(None, answers)
        self.assertLessEqual({answer.code for answer in answers}, {200, 400, 403, 404, 405, 414, 433, 480, 484, 513})
        return answers

    def test_senders(self):
        """Every octet, alone and in company, as user and as gr."""
        users = [f"{before}%{octet:02X}{after}" for octet in range(256) for before, after in (("", ""), ("a", "b"))]
        users += ["%EF%BC%A0", "%EF%B9%AB", "%C2%AD", "%F4%90%80%80", "%ED%A0%80", "%EF%BF%BE", "%EF%BF%BF", "%C0%80", "a" * 1023, "a" * 1024,
                  "%C3%9F" * 512, "%EF%AC%83" * 400, "%20a", "a%20", "%5C20a", "%E2%80%AEa", "%D7%90a%D7%90", "%CC%81"]
        shapes = [{"sender": f"sip:{user}@sip.example"} for user in users] + [{"sender": f"sip:a@sip.example;gr={user}"} for user in users]
        self.answered(len(shapes), shapes)

    def test_recipients(self):
        users = [f"{before}%{octet:02X}{after}" for octet in range(256) for before, after in (("", ""), ("a", "b"))]
        shapes = [{"to": f"sip:{user}@xmpp.example"} for user in users] + [{"to": f"sip:a@xmpp.example;gr={user}"} for user in users]
        self.answered(len(shapes), shapes)

    def test_texts(self):
        """Everything that is no XML character, or markup, in every part that becomes text or an attribute."""
        texts = [chr(code) for code in range(1, 0xA0)] + ["\ufffe", "\uffff", "\u2028", "\U0001fffe", "\U0010ffff", "]]>", "&#0;", "&x;",
                                                         "<!DOCTYPE x>", "<?x?>", "<!-- -->", "'\"", "<stream:error/>", "</stream:stream>"]
        shapes = [{"body": f"a{text}b"} for text in texts]
        line = [text for text in texts if text not in "\r\n"]
        shapes += [{"headers": [f"Subject: a{text}b"]} for text in line]
        shapes += [{"headers": [f"Content-Language: a{text}b"]} for text in line if " " <= text < "\x7f" or len(text) > 1]
        shapes += [{"call_id": f"c{number}a{text}b"} for number, text in enumerate("!%*_+`'~()<>:\\\"/[]?{}")]
        with Caller(gateway.port, "tcp") as caller:
            for shape in shapes:
                caller.send(caller.request(**shape))
                answer = caller.final()
                self.assertIsNotNone(answer, shape)
                self.assertIn(answer.code, (200, 400), shape)

    def test_bodies_of_octets(self):
        """Each octet where UTF-8 has none of its kind, in each charset."""
        shapes = [{"body": b"a" + bytes((octet,)) + b"b", "content_type": f"text/plain;charset={charset}"}
                  for octet in range(256) for charset in ("utf-8", "iso-8859-1", "us-ascii", "utf-16")]
        with Caller(gateway.port, "tcp") as caller:
            for shape in shapes:
                caller.send(caller.request(**shape))
                answer = caller.final()
                self.assertIsNotNone(answer, shape)
                self.assertIn(answer.code, (200, 400, 415), shape)


class Client_at:
    """A second client of juliet's, for the time of a block."""

    def __init__(self, resource):
        self.client = Client(prosody.client_port, "juliet", resource)

    def __enter__(self):
        return self.client

    def __exit__(self, *_):
        self.client.close()


class XmppToSip(Base):
    """7247-6.5, 7572 Table 1."""

    def test_message(self):
        juliet.message("romeo@sip.example", TEXT, id="x1", lang="cs", subject="Ein \u00dc", thread="thread-1")
        request = self.one(uas.wait())
        self.assertEqual(request.text, TEXT)
        self.assertEqual(request.request_uri, "sip:romeo@sip.example")
        self.assertEqual(request.method, "MESSAGE")
        self.assertRegex(request.get("to"), r"^<sip:romeo@sip\.example>$")
        self.assertRegex(request.get("from"), r"^<sip:juliet@xmpp\.example;gr=balcony>;tag=\S{8,}$")
        self.assertRegex(request.get("content-type").replace(" ", ""), r"(?i)^text/plain;charset=\"?utf-8\"?$")
        self.assertEqual(request.get("content-language"), "cs")
        self.assertEqual(request.get("subject"), "Ein \u00dc")
        self.assertEqual(request.get("call-id"), "thread-1")
        self.assertEqual(int(request.get("content-length")), len(TEXT.encode()))
        self.assertIn(int(request.get("max-forwards")), (69, 70))
        self.assertRegex(request.get("cseq"), r"^\d+ MESSAGE$")
        self.assertTrue(request.branch.startswith("z9hG4bK"))
        self.assertIsNone(request.get("contact"))
        self.nothing_came()

    def test_addresses(self):
        for to, uri in (("o\\27malley@sip.example", "sip:o'malley@sip.example"),
                        ("f\u00fc@sip.example", "sip:f%C3%BC@sip.example"),
                        ("m\\26m@sip.example", "sip:m&m@sip.example"),
                        ("baz@sip.example/qux", "sip:baz@sip.example;gr=qux")):
            uas.clear()
            juliet.message(to, "Hi")
            request = self.one(uas.wait())
            self.assertEqual(request.request_uri, uri)
            self.assertEqual(request.get("to"), f"<{uri}>")

    def test_sender_with_escapes(self):
        client = Client(prosody.client_port, "o\\27hara", "caf\u00e9 1")
        client.message("romeo@sip.example", "Hi")
        request = self.one(uas.wait())
        self.assertRegex(request.get("from"), r"^<sip:o'hara@xmpp\.example;gr=caf%C3%A9%201>;tag=")
        client.close()

    def test_unique(self):
        """No branch, tag and Call-ID with CSeq twice."""
        for number in range(20):
            juliet.message(f"romeo{number % 4}@sip.example", f"{number}")
        requests = uas.wait(count=20)
        self.assertEqual(len(requests), 20)
        self.assertEqual(len({request.branch for request in requests}), 20)
        self.assertEqual(len({(r.get("call-id"), r.get("cseq"), r.get("from").split("tag=")[1]) for r in requests}), 20)

    def test_order(self):
        for number in range(200):
            juliet.message("romeo@sip.example", f"number {number}", id=f"o{number}")
        self.assertEqual([r.text for r in uas.wait(count=200, timeout=20)], [f"number {i}" for i in range(200)])
        self.nothing_came()

    def test_line_ends(self):
        juliet.message("romeo@sip.example", "a\nb")
        self.assertEqual(self.one(uas.wait()).body, b"a\r\nb")

    def test_above_1300_octets(self):
        """RFC 3261 18.1.1: a congestion-controlled transport; the peer listens on both."""
        for size, transport in ((600, "udp"), (2000, "tcp"), (20000, "tcp")):
            uas.clear()
            text = "\u00fc" * (size // 2)
            juliet.message("romeo@sip.example", text, id=f"size{size}")
            request = self.one(uas.wait())
            self.assertEqual(request.text, text)
            self.assertEqual(request.transport, transport, size)
            self.assertIn("/" + transport.upper() + " ", request.get("via"))
        self.nothing_came()

    def test_repeated_to_a_slow_peer_is_one_transaction(self):
        """The peer answers the second datagram only: same branch, no error, no second message."""
        seen = []
        uas.reply = lambda message: seen.append(message) or (200 if len(seen) > 1 else None)
        juliet.message("romeo@sip.example", "slow", id="slow")
        first, second = uas.wait(count=2)
        self.assertEqual(first.raw, second.raw)
        self.nothing_came()

    def test_provisional_answers(self):
        uas.reply = lambda message: [sipua.answer(message, 100, "Trying"), sipua.answer(message, 200, "OK")]
        juliet.message("romeo@sip.example", "100 first")
        self.one(uas.wait())
        juliet.message("romeo@sip.example", "next")
        self.assertEqual([r.text for r in uas.wait(count=2)], ["100 first", "next"])
        self.nothing_came()

    def test_forked_answers(self):
        """M-4-08: only the first final response counts."""
        uas.reply = lambda message: [200, 200, 486]
        juliet.message("romeo@sip.example", "forked", id="forked")
        self.one(uas.wait())
        uas.reply = lambda message: 200
        juliet.message("romeo@sip.example", "next")
        self.assertEqual(len(uas.wait(count=2)), 2)
        self.nothing_came()

    def test_conversation(self):
        """The answer from SIP, in the thread of the message, as a chat, from the same address."""
        juliet.message("romeo@sip.example", "Wherefore?", thread="T1", id="c1")
        request = self.one(uas.wait())
        with Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body="Shall I hear more?", call_id=request.get("call-id")).code, 200)
        stanza = self.one(juliet.wait())
        self.assertEqual(stanza.findtext(THREAD), "T1")
        self.assertEqual(stanza.get("type"), "chat")


class Failures(Base):
    """7247 Table 3, M-4-26: each failure of a real SIP server goes back under the sender's own id."""

    @classmethod
    def setUpClass(cls):
        table = (harness.vectors() / "table3-sip-to-xmpp.tsv").read_text("utf-8")
        rows = [line.split("\t") for line in table.splitlines()]
        cls.rows = {int(row[0]): (row[2], row[4]) for row in rows if row[0].isdigit()}
        contact = ["Contact: <sip:mercutio@sip.example>"]
        headers = {code: contact for code in (300, 301, 302, 305)}
        headers[415] = ["Accept: text/plain"]
        headers[405] = ["Allow: OPTIONS"]
        headers[420] = ["Unsupported: foo"]
        headers[423] = ["Min-Expires: 60"]
        cls.called = sipp.Called(cls.rows, headers).start()
        cls.gateway = harness.Gateway(cls.server().component_port, f"udp:127.0.0.1:{cls.called.port}").start()
        cls.client = Client(cls.other.client_port)

    @classmethod
    def server(cls):
        cls.other = harness.Prosody().start()
        return cls.other

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.gateway.stop()
        cls.called.end()
        cls.other.end()

    def test_every_code(self):
        for code in self.rows:
            self.client.message(f"code{code}@sip.example", "Hi", id=f"id-{code}")
        got = {m.get("id"): m for m in self.client.wait(count=len(self.rows), timeout=20)}
        for code, (condition, kind) in self.rows.items():
            with self.subTest(code=code):
                stanza = got.get(f"id-{code}")
                self.assertIsNotNone(stanza)
                self.assertEqual(stanza.get("type"), "error")
                self.assertEqual(stanza.get("from"), f"code{code}@sip.example")
                self.assertEqual(stanza.get("to"), self.client.jid)
                found_kind, found, text = xmppstub.condition(stanza)
                self.assertEqual((found, found_kind), (condition, kind))
        self.assertEqual(len(self.client.wait(count=0)), len(self.rows))

    def test_sipp_takes_it(self):
        self.client.clear()
        self.client.message("romeo@sip.example", "Hi \u00fc", id="ok")
        harness.wait_until(lambda: "Hi \u00fc".encode() in self.called.messages(), what="sipp getting the message")
        self.assertEqual(self.client.wait(count=0), [])


if __name__ == "__main__":
    harness.main("prosody", "sipp")
