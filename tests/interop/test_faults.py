# SPDX-License-Identifier: MIT
"""Servers that die, streams that break, peers that are silent: each message ends in delivery or in an error to its sender, under one id."""
import socket
import threading
import time
import unittest

import harness
import sipua
import xmppstub
from cutproxy import Proxy
from sipua import Caller, Server
from xmppclient import Client, body
from xmppstub import Stub, condition

CHAT = "<message type='chat' from='juliet@xmpp.example/b' to='{to}' id='{id}'><body>{text}</body></message>"


class WithStub(unittest.TestCase):
    """A gateway of its own for each case, behind a scripted XMPP server."""

    def begin(self, route, *options, reply=None):
        self.stub = Stub(harness.SECRET, reply)
        self.addCleanup(self.stub.close)
        self.gateway = harness.Gateway(self.stub.port, route, options).start()
        self.addCleanup(self.end_gateway)
        return self.gateway

    def end_gateway(self):
        if self.gateway.alive():
            self.gateway.stop()

    def server(self, **options):
        server = Server(**options)
        self.addCleanup(server.close)
        return server

    def say(self, number, to="romeo@sip.example", text="Hi"):
        self.stub.send(CHAT.format(to=to, id=number, text=text))

    def error_for(self, number, timeout=8.0):
        found = self.stub.wait(match=lambda m: m.get("type") == "error" and m.get("id") == number, timeout=timeout)
        self.assertEqual(len(found), 1, f"one error for {number}")
        self.assertEqual(found[0].get("to"), "juliet@xmpp.example/b")
        return condition(found[0])


class SipPeer(WithStub):
    def test_silent(self):
        """Timer F, 64 times T1; RFC 3261 17.1.2.2. The request is repeated, then its sender is told."""
        uas = self.server(reply=lambda message: None)
        self.begin(f"udp:127.0.0.1:{uas.port}", "--timer-t1", "20")
        begin = time.monotonic()
        self.say("silent")
        kind, name, _ = self.error_for("silent")
        self.assertEqual((name, kind), ("remote-server-timeout", "wait"))
        self.assertGreater(time.monotonic() - begin, 1.2)
        self.assertLess(time.monotonic() - begin, 10)
        self.assertGreaterEqual(len(uas.requests), 6)
        self.assertEqual(len({request.raw for request in uas.requests}), 1)

    def test_silent_on_a_stream(self):
        uas = self.server(reply=lambda message: None)
        self.begin(f"tcp:127.0.0.1:{uas.port}", "--timer-t1", "20")
        self.say("silent")
        self.assertEqual(self.error_for("silent")[1], "remote-server-timeout")
        self.assertEqual(len(uas.requests), 1)

    def test_a_silent_peer_delays_nobody_else(self):
        uas = self.server(reply=lambda message: None if "silent@" in message.request_uri else 200)
        self.begin(f"udp:127.0.0.1:{uas.port}", "--timer-t1", "50")
        self.say("s", to="silent@sip.example")
        begin = time.monotonic()
        self.say("q", to="romeo@sip.example", text="quick")
        self.assertEqual(len(uas.wait(match=lambda m: m.text == "quick")), 1)
        self.assertLess(time.monotonic() - begin, 2.5)
        self.error_for("s")

    def test_several_for_a_silent_peer(self):
        """They wait for one another (RFC 3428 8); each gets its own error."""
        uas = self.server(reply=lambda message: None)
        self.begin(f"udp:127.0.0.1:{uas.port}", "--timer-t1", "5")
        for number in range(5):
            self.say(f"s{number}")
        for number in range(5):
            self.error_for(f"s{number}")

    def test_flood_to_a_silent_peer(self):
        """More than a queue holds: each of 3,000 has one error, no more, no less."""
        uas = self.server(reply=lambda message: None)
        self.begin(f"udp:127.0.0.1:{uas.port}", "--timer-t1", "10")
        for number in range(3000):
            self.say(f"f{number}", to=f"romeo{number % 3}@sip.example", text=f"{number}")
        found = [m.get("id") for m in self.stub.wait(count=3000, timeout=20)]
        self.assertEqual(len(found), 3000)
        self.assertEqual(set(found), {f"f{number}" for number in range(3000)})
        self.assertEqual({condition(m)[1] for m in self.stub.wait(count=0)}, {"remote-server-timeout", "resource-constraint"})
        uas.reply = lambda message: 200
        self.say("after", text="after")
        self.assertEqual(len(uas.wait(match=lambda m: m.text == "after")), 1)
        self.assertEqual(len(self.stub.wait(count=0)), 3000)

    def test_nobody_listens(self):
        for transport in ("udp", "tcp"):
            with self.subTest(transport):
                self.begin(f"{transport}:127.0.0.1:{harness.free_port()}", "--timer-t1", "20")
                self.say("nobody")
                self.assertIn(self.error_for("nobody")[1], ("remote-server-timeout", "remote-server-not-found",
                                                           "internal-server-error", "service-unavailable"))
                self.gateway.stop()

    def test_no_route(self):
        self.begin(None)
        self.say("lost")
        self.assertIn(self.error_for("lost")[1], ("remote-server-not-found", "item-not-found"))

    def test_closes_between_messages(self):
        """The idle connection is gone before we write again: a new one is made, nobody is told."""
        uas = self.server(transports=("tcp",))
        self.begin(f"tcp:127.0.0.1:{uas.port}")
        for number in range(4):
            self.say(f"c{number}", text=f"number {number}")
            request = uas.wait(match=lambda m: m.text == f"number {number}")[0]
            harness.wait_until(lambda: uas.connections, what="the connection")
            if number % 2 == 0:
                request.peer.shutdown(socket.SHUT_RDWR)  # number 2 in the very moment of the next message
                if number == 0:
                    harness.wait_until(lambda: not uas.connections, what="the end of the connection")
        self.assertEqual(self.stub.wait(count=0), [])
        self.assertGreaterEqual(uas.connected, 2)

    def test_resets_instead_of_answering(self):
        def reset(message):
            message.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            uas.drop(message.peer)
        uas = self.server(transports=("tcp",), reply=reset)
        self.begin(f"tcp:127.0.0.1:{uas.port}", "--timer-t1", "20")
        self.say("reset")
        self.assertIsNotNone(self.error_for("reset")[1])
        uas.reply = lambda message: 200
        self.say("after", text="after")
        self.assertEqual(len(uas.wait(match=lambda m: m.text == "after")), 1)

    def test_too_long_for_a_peer_that_speaks_udp_alone(self):
        """RFC 3261 18.1.1 lets it go by UDP after all, RFC 7572 6 has policy-violation: delivered or an error, at once."""
        uas = self.server(transports=("udp",))
        self.begin(f"udp:127.0.0.1:{uas.port}", "--timer-t1", "20")
        self.say("long", text="x" * 3000)
        harness.wait_until(lambda: uas.requests or self.stub.wait(count=0), 5, "delivery or an error")
        if not uas.requests:
            self.assertIsNotNone(self.error_for("long")[1])
        self.say("short", text="short")
        self.assertEqual(len(uas.wait(match=lambda m: m.text == "short")), 1)

    def test_lost_connection_is_noticed(self):
        """A request whose connection ends before the answer is sent again on a new one, or its sender is told: not after 32 s."""
        uas = self.server(transports=("tcp",), reply=lambda message: None)
        self.begin(f"tcp:127.0.0.1:{uas.port}")
        self.say("lost")
        uas.wait()
        uas.reply = lambda message: 200
        uas.wait()[0].peer.shutdown(socket.SHUT_RDWR)
        harness.wait_until(lambda: len(uas.requests) == 2 or self.stub.wait(count=0), 5, "the request again or an error")
        self.say("next", text="next")
        self.assertEqual(len(uas.wait(match=lambda m: m.text == "next")), 1)

    def test_connection_is_reused(self):
        uas = self.server(transports=("tcp",))
        self.begin(f"tcp:127.0.0.1:{uas.port}")
        for number in range(10):
            self.say(f"r{number}")
        self.assertEqual(len(uas.wait(count=10)), 10)
        self.assertEqual(uas.connected, 1)

    def test_garbage_for_an_answer(self):
        uas = self.server(reply=lambda message: [b"\0\0\0\0garbage", b"SIP/2.0 200\r\n\r\n", sipua.answer(message, 200).replace(b"z9hG", b"z8hG"), None])
        self.begin(f"udp:127.0.0.1:{uas.port}", "--timer-t1", "10")
        self.say("garbage")
        self.assertEqual(self.error_for("garbage")[1], "remote-server-timeout")

    def test_leaves_before_the_answer(self):
        """The caller's connection is gone: the answer goes to the sent-by of Via (RFC 3261 18.2.2)."""
        held = []
        self.begin(None, reply=lambda stub, stanza: held.append(stanza))
        uas = self.server(transports=("tcp",))
        with Caller(self.gateway.port, "tcp") as caller:
            caller.send(sipua.request(transport="TCP", local=("127.0.0.1", uas.port)))
            ping = self.stub.wait("iq")[0]
        time.sleep(0.05)
        self.stub.send(xmppstub.pong(ping))
        self.assertEqual([answer.code for answer in uas.wait()], [200])

    def test_reads_nothing(self):
        """A peer that never reads its answers costs only itself."""
        self.begin(None)
        with Caller(self.gateway.port, "tcp") as deaf, Caller(self.gateway.port) as other:
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.socket.setblocking(False)
            octets = b"".join(deaf.request(method="OPTIONS", body="") for _ in range(4000))
            begin = time.monotonic()
            while octets and time.monotonic() - begin < 1:
                try:
                    octets = octets[deaf.socket.send(octets):]
                except BlockingIOError:
                    time.sleep(0.01)
            self.assertEqual(other.ask(body="other").code, 200)


class XmppServer(WithStub):
    def test_wrong_secret(self):
        stub = Stub("another secret")
        self.addCleanup(stub.close)
        gateway = harness.Gateway(stub.port).start(ready=False)
        time.sleep(1)
        self.assertNotIn("ready", (gateway.folder / "out").read_text())
        self.assertNotIn(harness.SECRET, gateway.log())
        gateway.end()

    def test_server_that_comes_late(self):
        port = harness.free_port()
        gateway = harness.Gateway(port).start(ready=False)
        time.sleep(0.3)
        with Stub(harness.SECRET, port=port):
            gateway.wait_ready()
            with Caller(gateway.port) as caller:
                self.assertEqual(caller.ask().code, 200)
            gateway.stop()

    def test_lost_stream(self):
        """Sent, not acknowledged, stream lost: sent once more under the same id; lost again: 503."""
        cuts = []

        def reply(stub, stanza):
            if stanza.tag.endswith("}iq") and len(cuts) < self.cuts:
                cuts.append(stanza)
                stub.cut()
            else:
                Stub.obedient(stub, stanza)
        for self.cuts, codes, times in ((1, (200,), 2), (2, (503, 504), 2)):
            cuts.clear()
            self.begin(None, reply=reply)
            with Caller(self.gateway.port) as caller:
                answer = caller.ask(body="twice", timeout=20)
            with self.subTest(cuts=self.cuts):
                self.assertIn(answer.code, codes)
                sent = self.stub.wait(count=0, match=lambda m: xmppstub.body(m) == "twice")
                self.assertEqual(len(sent), times)
                self.assertEqual(len({m.get("id") for m in sent}), 1)
            self.gateway.stop()

    def test_an_old_ping_proves_nothing(self):
        """An answer on the new stream to the ping of the old one is no acceptance."""
        pings = []

        def reply(stub, stanza):
            if stanza.tag.endswith("}iq"):
                pings.append(stanza)
                if len(pings) == 1:
                    stub.cut()
        self.begin(None, reply=reply)
        with Caller(self.gateway.port) as caller:
            caller.send(caller.request())
            harness.wait_until(lambda: len(pings) == 2, 15, "the second ping")
            self.stub.send(xmppstub.pong(pings[0]))
            self.assertIsNone(caller.receive(0.3))
            self.stub.send(xmppstub.pong(pings[1]))
            self.assertEqual(caller.final().code, 200)

    def test_away(self):
        """No stream: queued for a few seconds, then 480 or 503: well before the caller's Timer F (32 s)."""
        self.begin(None)
        self.stub.close()
        with Caller(self.gateway.port) as caller:
            begin = time.monotonic()
            answer = caller.ask(timeout=15)
        self.assertIn(answer.code, (480, 503))
        self.assertLess(time.monotonic() - begin, 12)

    def test_bad_xml_and_stream_errors(self):
        """Each ends the stream; the gateway comes back."""
        self.begin(None)
        for number, octets in enumerate((b"<message></body>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?target x?>", b"\xff\xfe<",
                                         b"</stream:stream>", b"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                                         b"</stream:error></stream:stream>")):
            with self.subTest(octets):
                self.stub.send(octets)
                self.assertTrue(self.stub.wait_streams(number + 2, 25), "no new stream")
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask(timeout=20).code, 200)


    def test_flood_to_a_silent_server(self):
        """More than a queue holds: each of 3,000 requests has one final response, and the next one passes."""
        self.begin(None, "--barrier-timeout", "1000", reply=lambda stub, stanza: None)
        with Caller(self.gateway.port, "tcp") as caller:
            for number in range(3000):
                caller.send(caller.request(call_id=f"flood-{number}", body=f"{number}"))
            answers = [caller.final(20) for _ in range(3000)]
            self.assertIsNone(caller.receive(0.1))
        self.assertEqual({answer.code for answer in answers if answer} - {503, 504}, set())
        self.assertEqual({answer.get("call-id") for answer in answers if answer}, {f"flood-{number}" for number in range(3000)})
        self.stub.reply = Stub.obedient
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask(body="after").code, 200)

    def test_reads_nothing(self):
        """What the server does not take is answered all the same; when it reads again, the same stream goes on."""
        self.begin(None, "--barrier-timeout", "1000")
        self.stub.reads.clear()
        with Caller(self.gateway.port, "tcp") as caller:
            for _ in range(300):
                caller.send(caller.request(body="x" * 40000))
            codes = [caller.final(20).code for _ in range(300)]
        self.assertLessEqual(set(codes), {480, 503, 504})  # not asked, no room, not answered
        self.stub.reads.set()
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask(timeout=10, body="after").code, 200)
        self.assertEqual(self.stub.streams, 1)
        self.assertEqual(len(self.stub.wait(match=lambda m: xmppstub.body(m) == "after")), 1)


class Ends(WithStub):
    def test_terminated_when_idle(self):
        self.begin(None)
        begin = time.monotonic()
        self.gateway.stop()
        self.assertLess(time.monotonic() - begin, 4)

    def test_drains_what_came_from_sip(self):
        held = []
        self.begin(None, reply=lambda stub, stanza: held.append(stanza))
        with Caller(self.gateway.port) as caller:
            caller.send(caller.request())
            ping = self.stub.wait("iq")[0]
            stopping = threading.Thread(target=self.gateway.stop)
            stopping.start()
            time.sleep(0.1)
            self.stub.send(xmppstub.pong(ping))
            self.assertEqual(caller.final().code, 200)
            stopping.join()

    def test_drains_what_came_from_xmpp(self):
        uas = self.server(reply=lambda message: None)
        self.begin(f"udp:127.0.0.1:{uas.port}", "--drain", "300")
        self.say("drained")
        uas.wait()
        self.gateway.stop()
        self.error_for("drained", 0)

    def test_drains_without_a_stream(self):
        self.begin(None, "--queue-timeout", "500")
        self.stub.close()
        with Caller(self.gateway.port) as caller:
            caller.send(caller.request())
            time.sleep(0.1)
            stopping = threading.Thread(target=self.gateway.stop)
            stopping.start()
            self.assertIn(caller.final(10).code, (480, 503))
            stopping.join()

    def test_refuses_while_it_drains(self):
        """New requests get 503, new stanzas an error; what was there before gets its answer."""
        held = []
        uas = self.server()
        self.begin(f"udp:127.0.0.1:{uas.port}", reply=lambda stub, stanza: held.append(stanza))
        with Caller(self.gateway.port) as caller, Caller(self.gateway.port) as late:
            caller.send(caller.request())
            ping = self.stub.wait("iq")[0]
            stopping = threading.Thread(target=self.gateway.stop)
            stopping.start()
            time.sleep(0.2)
            self.assertEqual(late.ask().code, 503)
            self.say("too late")
            self.error_for("too late")
            self.assertEqual(uas.requests, [])
            self.stub.send(xmppstub.pong(ping))
            self.assertEqual(caller.final().code, 200)
            stopping.join()

    def test_killed_before_the_answer(self):
        """The caller repeats its request; the stanza comes again under the same id."""
        held = []
        self.begin(None, reply=lambda stub, stanza: held.append(stanza))
        with Caller(self.gateway.port) as caller:
            octets = caller.request(body="once more")
            caller.send(octets)
            self.stub.wait("iq")
            self.gateway.kill()
            self.gateway = harness.Gateway(self.stub.port, port=self.gateway.port).start()
            self.stub.reply = Stub.obedient
            caller.send(octets)
            self.assertEqual(caller.final().code, 200)
        sent = self.stub.wait(count=2)
        self.assertEqual([xmppstub.body(m) for m in sent], ["once more"] * 2)
        self.assertEqual(sent[0].get("id"), sent[1].get("id"))


class WithProsody(unittest.TestCase):
    """A proxy between the gateway and Prosody stops the stream at a chosen octet."""

    @classmethod
    def setUpClass(cls):
        cls.prosody = harness.Prosody().start()
        cls.proxy = Proxy(cls.prosody.component_port)
        cls.uas = Server()
        cls.gateway = harness.Gateway(cls.proxy.port, f"udp:127.0.0.1:{cls.uas.port}").start()
        cls.juliet = Client(cls.prosody.client_port)

    @classmethod
    def tearDownClass(cls):
        cls.juliet.close()
        cls.gateway.stop()
        cls.proxy.close()
        cls.uas.close()
        cls.prosody.end()

    def setUp(self):
        self.gateway.check()
        self.works_again()
        self.juliet.clear()
        self.uas.clear()

    def works_again(self):
        def asked():
            with Caller(self.gateway.port) as caller:
                answer = caller.ask(body="probe", timeout=10)
                return answer is not None and answer.code == 200
        harness.wait_until(asked, 40, "a message passing again")
        self.juliet.round_trip("sip.example")

    def arrived(self, text, count=1):
        found = self.juliet.wait(count=count, match=lambda m: body(m) == text)
        self.assertGreaterEqual(len(found), count)
        return found

    def test_prosody_dies_between_the_stanza_and_its_ping(self):
        self.proxy.set("up", b"<iq", "before", "hold")
        with Caller(self.gateway.port) as caller:
            caller.send(caller.request(body="between"))
            self.assertTrue(self.proxy.met.wait(5))
            self.arrived("between")
            self.assertIsNone(caller.receive(0.1))
            self.prosody.kill()
            self.proxy.cut()
            self.prosody.start()
            self.juliet.connect()
            answer = caller.final(20)
            self.assertIn(answer.code, (200, 503, 504))
        found = self.arrived("between", 2 if answer.code == 200 else 1)
        self.assertEqual(len({m.get("id") for m in found}), 1)

    def test_stream_cut_inside_the_stanza(self):
        self.proxy.set("up", b"in the middle", "after", "cut")
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask(body="cut in the middle of it", timeout=20).code, 200)
        self.assertEqual(len(self.arrived("cut in the middle of it")), 1)
        self.juliet.round_trip("sip.example")
        self.assertEqual(len(self.juliet.wait(count=0)), 1)

    def test_stream_cut_before_the_pings_answer(self):
        self.proxy.set("down", b"<iq", "before", "cut")
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask(body="no answer", timeout=20).code, 200)
        found = self.arrived("no answer", 2)
        self.assertEqual(len({m.get("id") for m in found}), 1)

    def test_prosody_is_away_and_returns(self):
        self.prosody.kill()
        with Caller(self.gateway.port) as caller:
            caller.send(caller.request(body="while away"))
            self.prosody.start()
            self.juliet.connect()
            answer = caller.final(20)
        self.assertIn(answer.code, (200, 480, 503))
        if answer.code == 200:
            self.arrived("while away")

    def test_gateway_killed_and_restarted(self):
        """Prosody tells the sender while the gateway is away; afterwards all goes on."""
        self.gateway.kill()
        harness.wait_until(lambda: "component disconnected" in self.prosody.log(), what="Prosody noticing")
        self.juliet.message("romeo@sip.example", "lost?", id="lost")
        stanza = self.juliet.wait(match=lambda m: m.get("id") == "lost")[0]
        self.assertEqual(stanza.get("type"), "error")
        type(self).gateway = harness.Gateway(self.proxy.port, f"udp:127.0.0.1:{self.uas.port}", port=self.gateway.port).start()
        self.juliet.message("romeo@sip.example", "back", id="back")
        self.assertEqual([m.text for m in self.uas.wait()], ["back"])
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask(body="back too").code, 200)
        self.arrived("back too")

    def test_nothing_is_lost_on_the_way_to_xmpp(self):
        """60 messages, three cuts: each request has one final response; what got 200 has arrived, each under one id."""
        texts = [f"lossless {i}" for i in range(60)]
        with Caller(self.gateway.port, "tcp") as caller:
            for number, text in enumerate(texts):
                caller.send(caller.request(body=text, call_id=f"lossless-{number}"))
                if number % 20 == 10:
                    self.proxy.cut()
                time.sleep(0.005)
            answers = [caller.final(20) for _ in texts]
        self.assertNotIn(None, answers)
        codes = {answer.get("call-id"): answer.code for answer in answers}
        self.assertEqual(len(codes), 60)
        accepted = {texts[int(name.split("-")[1])] for name, code in codes.items() if code == 200}
        self.assertGreater(len(accepted), 0)
        harness.wait_until(lambda: accepted <= {body(m) for m in self.juliet.wait(count=0)}, 5, "the arrival of what was accepted")
        ids = {}
        for stanza in self.juliet.wait(count=0):
            ids.setdefault(body(stanza), set()).add(stanza.get("id"))
        self.assertEqual({len(found) for found in ids.values()}, {1})

    def test_nothing_is_lost_on_the_way_to_sip(self):
        """Every third datagram is not answered, every fifth is refused: delivered or an error, each once, in order."""
        count = [0]

        def unsteady(message):
            count[0] += 1
            return None if count[0] % 3 == 0 else 480 if message.text.endswith("5") else 200
        self.uas.reply = unsteady
        for number in range(40):
            self.juliet.message(f"romeo{number % 4}@sip.example", f"steady {number}", id=f"steady-{number}")
        refused = {f"steady-{n}" for n in range(40) if n % 10 == 5}
        self.juliet.wait(count=len(refused), timeout=20, match=lambda m: m.get("type") == "error")
        harness.wait_until(lambda: len({m.text for m in self.uas.requests}) == 40, 20, "the arrival of all")
        for user in range(4):
            texts = [m.text for m in self.uas.requests if m.request_uri == f"sip:romeo{user}@sip.example"]
            self.assertEqual(list(dict.fromkeys(texts)), [f"steady {n}" for n in range(user, 40, 4)])
        self.assertEqual(sorted(m.get("id") for m in self.juliet.wait(count=0) if m.get("type") == "error"), sorted(refused))
        self.uas.reply = lambda message: 200


if __name__ == "__main__":
    harness.main("prosody")
