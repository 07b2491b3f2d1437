# SPDX-License-Identifier: MIT
"""SIP over TLS: with Kamailio, with openssl, with peers whose certificates are wrong, and next hops by name."""
import pathlib
import socket
import ssl
import subprocess
import unittest

import harness
import xmppstub
from sipua import Caller, Server
from sipsecure import LONG_AGO, NOT_LONG_AGO, Authority, Names, SecureCaller, SecureKamailio, SecureServer
from xmppclient import Client, body

NOBODY = ("--sip-trust", "203.0.113.1")


def setUpModule():
    global authority, ours, theirs
    authority = Authority()
    ours = authority.make("gateway", "DNS:xmpp.example")
    theirs = authority.make("proxy", "URI:sip:sip.example,DNS:sip.example")


def kamailio_has_tls():
    return any(pathlib.Path(at).is_file() for at in ("/usr/lib/x86_64-linux-gnu/kamailio/modules/tls.so",
                                                     "/usr/lib/aarch64-linux-gnu/kamailio/modules/tls.so"))


class Case(unittest.TestCase):
    """A gateway with a listener for TLS behind a stub of an XMPP server."""

    def launch(self, route=None, options=NOBODY, certificate=None):
        self.stub = xmppstub.Stub(harness.SECRET)
        self.secure_port = harness.free_port()
        chain, key = certificate or ours
        gateway = harness.Gateway(self.stub.port, route, [
            "--sip-listen", f"tls:127.0.0.1:{self.secure_port}", "--certificate", chain, "--key", key, "--ca", authority.ca, *options])
        self.gateway = gateway.start()
        self.addCleanup(self.stub.close)
        self.addCleanup(gateway.end)
        return gateway

    def write(self):
        """A message from XMPP to romeo."""
        self.stub.send("<message from='juliet@xmpp.example/balcony' to='romeo@sip.example' id='m1'><body>Wherefore?</body></message>")

    def fault(self):
        """The error that its sender gets."""
        return xmppstub.condition(self.stub.wait(match=lambda stanza: stanza.get("type") == "error", timeout=20)[0])[1]

    def logged(self, *words):
        def lines():
            return [line for line in self.gateway.log().splitlines() if all(word in line for word in words)]
        return harness.wait_until(lines, 15, f"a log line with {words} in {self.gateway.log()}")[0]


class ToUs(Case):
    """"7247-8-01": who may come in by TLS."""

    def ask(self, certificate=None, **kind):
        with SecureCaller(self.secure_port, authority.ca, certificate) as caller:
            return caller.ask(**kind).code

    def test_who_is_let_in(self):
        """RFC 5922 7.4: the domain that the peer proves is the one that it may speak for."""
        self.launch()
        expired = authority.make("expired", "DNS:sip.example", LONG_AGO, NOT_LONG_AGO)
        own = authority.self_signed("self", "DNS:sip.example")
        other = authority.make("other", "DNS:other.example,URI:sip:other.example")
        wide = authority.make("wide", "DNS:*.example")
        self.assertEqual(self.ask(theirs), 200)
        for certificate in (None, expired, own, other, wide):
            self.assertEqual(self.ask(certificate), 403, certificate)
        for word in ("EXPIRED", "SELF_SIGNED"):
            self.logged("tls-unverified", "peer=127.0.0.9", f"certificate={word}")
        self.assertEqual(self.ask(theirs, sender="sip:romeo@evil.example"), 403)
        self.assertEqual(self.ask(theirs), 200)

    def test_sips_is_refused(self):
        """TLS on this hop makes no sips: the leg to XMPP has no such promise (RFC 5630)."""
        self.launch()
        with SecureCaller(self.secure_port, authority.ca, theirs) as caller:
            answer = caller.ask(to="sips:juliet@xmpp.example")
        self.assertEqual(answer.code, 480)
        self.assertTrue(answer.get("warning").startswith("380 "))

    def test_the_name_that_we_prove(self):
        self.launch()
        for name, is_good in (("xmpp.example", True), ("sip.example", False)):
            try:
                with SecureCaller(self.secure_port, authority.ca, theirs, name=name) as caller:
                    self.assertEqual(caller.ask().code, 200)
                self.assertTrue(is_good)
            except ssl.SSLCertVerificationError:
                self.assertFalse(is_good)

    def test_our_certificate_expired(self):
        self.launch(certificate=authority.make("late", "DNS:xmpp.example", LONG_AGO, NOT_LONG_AGO))
        with self.assertRaises(ssl.SSLCertVerificationError):
            SecureCaller(self.secure_port, authority.ca, theirs)
        self.logged("tls-failed", "peer=127.0.0.9")

    def openssl(self, *arguments):
        return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.secure_port}", "-CAfile", str(authority.ca),
                               "-verify_return_error", *arguments], input="", capture_output=True, text=True, timeout=20)

    def test_openssl(self):
        """Versions, names and resumption as s_client sees them."""
        self.launch()
        for version in ("-tls1_2", "-tls1_3"):
            shown = self.openssl(version, "-verify_hostname", "xmpp.example", "-servername", "xmpp.example")
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("Verify return code: 0 (ok)", shown.stdout)
        self.assertNotEqual(self.openssl("-verify_hostname", "other.example").returncode, 0)
        for version in ("-tls1", "-tls1_1"):
            self.assertNotEqual(self.openssl(version, "-cipher", "DEFAULT:@SECLEVEL=0").returncode, 0)
        shown = self.openssl("-tls1_2", "-reconnect")
        self.assertIn("Reused, ", shown.stdout)

    def test_plain_octets(self):
        """Whoever speaks no TLS on that port is not answered, nor one that is silent, nor is anything else disturbed."""
        self.launch()
        silent = socket.create_connection(("127.0.0.1", self.secure_port))
        with Caller(self.secure_port, "tcp") as caller:
            caller.send(caller.request())
            self.assertIsNone(caller.receive())
        self.logged("tls-failed", "BAD_TLS")
        self.assertEqual(self.ask(theirs), 200)
        self.logged("tls-failed", "TIMEOUT")
        silent.close()

    def test_dtls_is_not_spoken(self):
        """The port for datagrams answers no handshake, and goes on with SIP."""
        self.launch(options=())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)
            sock.sendto(b"\x16\xfe\xfd" + bytes(8) + b"\x00\x20" + bytes(32), ("127.0.0.1", self.gateway.port))
            with self.assertRaises(TimeoutError):
                sock.recv(4096)
        with Caller(self.gateway.port) as caller:
            self.assertEqual(caller.ask().code, 200)


class FromUs(Case):
    """RFC 5922 7.3: whom we go on with."""

    def test_right(self):
        with SecureServer(theirs, authority.ca) as server:
            self.launch(f"tls:127.0.0.1:{server.port}")
            self.write()
            request = server.wait()[0]
            self.assertTrue(request.get("via").startswith("SIP/2.0/TLS "))
            self.assertEqual(server.names, ["sip.example"])
            self.assertEqual(server.peers[0]["subjectAltName"], (("DNS", "xmpp.example"),))
            self.write()
            server.wait(2)
            self.assertEqual(len(server.peers), 1)  # one connection for both

    def test_wrong(self):
        rows = ((authority.make("elsewhere", "DNS:elsewhere.example,DNS:*.example"), "WRONG_NAME"),
                (authority.make("old", "DNS:sip.example", LONG_AGO, NOT_LONG_AGO), "EXPIRED"),
                (authority.self_signed("alone", "DNS:sip.example"), "SELF_SIGNED"))
        for certificate, word in rows:
            with self.subTest(word), SecureServer(certificate, authority.ca) as server:
                self.launch(f"tls:127.0.0.1:{server.port}")
                self.write()
                self.fault()
                self.logged("tls-failed", "reason=AUTH", word)
                self.logged("outcome=timeout", "code=503", "reason=AUTH")
                self.assertEqual(server.requests, [])

    def test_nobody_speaks_tls(self):
        with Server(transports=("tcp",)) as server:
            self.launch(f"tls:127.0.0.1:{server.port}")
            self.write()
            self.fault()
            self.assertEqual(server.requests, [])


    def test_response_after_the_connection(self):
        """RFC 3261 18.2.2: it goes to where Via says, and only to who proves to be the hop that is there."""
        for certificate, arrives in ((theirs, True), (authority.make("thief", "DNS:thief.example"), False)):
            with self.subTest(arrives), SecureServer(certificate, authority.ca) as server:
                self.launch(f"tls:127.0.0.1:{server.port}")
                pings = []
                self.stub.reply = lambda stub, stanza: pings.append(stanza)
                with SecureCaller(self.secure_port, authority.ca, theirs, source="127.0.0.1") as caller:
                    caller.local = ("127.0.0.1", server.port)
                    caller.send(caller.request(body="answered late"))
                    harness.wait_until(lambda: len(pings) > 1, what="message and ping")
                harness.wait_until(lambda: "x" if self.gateway.alive() else None)
                for stanza in pings:
                    self.stub.obedient(self.stub, stanza)
                if arrives:
                    self.assertEqual(server.wait()[0].code, 200)
                else:
                    self.logged("tls-failed", "WRONG_NAME")
                    self.assertEqual(server.requests, [])

    def test_wire_cut(self):
        """A connection that ends without a close notification is made anew, and nothing is lost or sent twice."""
        with SecureServer(theirs, authority.ca) as server:
            self.launch(f"tls:127.0.0.1:{server.port}")
            for number in range(3):
                self.write()
                server.wait(number + 1)
                server.cut()
            self.assertEqual(len({request.get("call-id") for request in server.requests}), 3)


class ByName(Case):
    def setUp(self):
        self.names = Names()
        self.addCleanup(self.names.close)

    def test_fail_over(self):
        """RFC 3263 4: NAPTR, SRV, then the address that takes the connection; it proves the name that was asked for."""
        certificate = authority.make("named", "DNS:proxy.example")
        with SecureServer(certificate, authority.ca) as server:
            self.names.pointer("proxy.example", "SIPS+D2T", "_sips._tcp.proxy.example")
            self.names.service("_sips._tcp.proxy.example", 1, harness.free_port(), "dead.example")
            self.names.service("_sips._tcp.proxy.example", 2, server.port, "alive.example")
            self.names.address("dead.example", "127.0.0.1")
            self.names.address("alive.example", "127.0.0.1")
            self.launch("proxy.example", (*NOBODY, "--dns", self.names.server))
            self.write()
            self.assertEqual(server.wait()[0].request_uri, "sip:romeo@sip.example")
            self.assertEqual(server.names, ["proxy.example"])
            self.logged("outcome=delivered")

    def test_nothing_there(self):
        self.launch("udp:nowhere.example", (*NOBODY, "--dns", self.names.server))
        self.write()
        self.assertEqual(self.fault(), "remote-server-not-found")

    def test_plain_by_name(self):
        with Server() as server:
            self.names.address("phone.example", "127.0.0.1")
            self.launch(f"udp:phone.example:{server.port}", (*NOBODY, "--dns", self.names.server))
            self.write()
            self.assertEqual(server.wait()[0].text, "Wherefore?")

    def test_component_port_by_name(self):
        """XEP-0114 has no SRV: the addresses of the name, one after another."""
        self.names.address("server.example", "127.0.0.1")
        stub = xmppstub.Stub(harness.SECRET)
        self.addCleanup(stub.close)
        gateway = harness.Gateway(stub.port, options=["--xmpp-server", f"server.example:{stub.port}", "--dns", self.names.server]).start()
        gateway.stop()


@unittest.skipUnless(kamailio_has_tls(), "Kamailio has no TLS module here")
class WithKamailio(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prosody = harness.Prosody().start()
        cls.secure_port, cls.port = harness.free_port(), harness.free_port()
        cls.kamailio = SecureKamailio(cls.secure_port, theirs, authority.ca).start()
        cls.gateway = harness.Gateway(cls.prosody.component_port, f"tls:127.0.0.1:{cls.kamailio.secure_port}", port=cls.port, options=[
            "--sip-listen", f"tls:127.0.0.1:{cls.secure_port}", "--certificate", ours[0], "--key", ours[1], "--ca", authority.ca,
            *NOBODY]).start()
        cls.phone = Server()
        cls.juliet = Client(cls.prosody.client_port)
        cls.register()

    @classmethod
    def register(cls):
        with Caller(cls.kamailio.port) as caller:
            caller.ask(to="sip:sip.example", sender="sip:romeo@sip.example", to_header="<sip:romeo@sip.example>", method="REGISTER",
                       body="", headers=[f"Contact: <sip:romeo@127.0.0.1:{cls.phone.port}>", "Expires: 600"])

    @classmethod
    def tearDownClass(cls):
        cls.juliet.close()
        cls.phone.close()
        cls.gateway.stop()
        cls.kamailio.end()
        cls.prosody.end()

    def setUp(self):
        self.gateway.check()
        self.juliet.clear()
        self.phone.clear()

    def test_sip_to_xmpp(self):
        for number in range(3):
            with Caller(self.kamailio.port) as caller:
                self.assertEqual(caller.ask(body=f"Shall I hear \u00fc more? {number}").code, 200)
            self.assertEqual(body(self.juliet.wait(count=number + 1)[number]), f"Shall I hear \u00fc more? {number}")

    def test_xmpp_to_sip(self):
        self.juliet.message("romeo@sip.example", "Wherefore \u00fc?", id="k1")
        request = self.phone.wait()[0]
        self.assertEqual(request.text, "Wherefore \u00fc?")
        self.assertTrue(request.all("via")[1].startswith("SIP/2.0/TLS "))

    def test_proxy_killed_and_restarted(self):
        self.kamailio.kill()
        self.juliet.message("romeo@sip.example", "Hi", id="away")
        self.assertEqual([(m.get("type"), m.get("id")) for m in self.juliet.wait()], [("error", "away")])
        self.kamailio.start()
        self.register()
        self.juliet.message("romeo@sip.example", "back", id="back")
        self.assertEqual([m.text for m in self.phone.wait()], ["back"])
        with Caller(self.kamailio.port) as caller:
            self.assertEqual(caller.ask(body="back too").code, 200)

    def test_order(self):
        for number in range(50):
            self.juliet.message("romeo@sip.example", f"number {number}")
        self.assertEqual([r.text for r in self.phone.wait(count=50, timeout=15)], [f"number {i}" for i in range(50)])


@unittest.skipUnless(kamailio_has_tls(), "Kamailio has no TLS module here")
class KamailioRefuses(unittest.TestCase):
    """Kamailio looks at our certificate, and we at its."""

    def run_with(self, mine, its):
        stub = xmppstub.Stub(harness.SECRET)
        self.addCleanup(stub.close)
        secure_port, port = harness.free_port(), harness.free_port()
        kamailio = SecureKamailio(secure_port, its, authority.ca).start()
        self.addCleanup(kamailio.end)
        gateway = harness.Gateway(stub.port, f"tls:127.0.0.1:{kamailio.secure_port}", port=port, options=[
            "--sip-listen", f"tls:127.0.0.1:{secure_port}", "--certificate", mine[0], "--key", mine[1], "--ca", authority.ca,
            *NOBODY]).start()
        self.addCleanup(gateway.end)
        stub.send("<message from='juliet@xmpp.example/r' to='again@sip.example' id='m1'><body>x</body></message>")
        self.assertEqual(len(stub.wait(match=lambda stanza: stanza.get("type") == "error", timeout=20)), 1)
        with Caller(kamailio.port) as caller:
            answer = caller.ask()
        self.assertTrue(answer is None or answer.code >= 400, answer)
        self.assertEqual(stub.wait(count=0, match=lambda stanza: stanza.get("type") != "error"), [])
        return gateway

    def test_ours_expired(self):
        gateway = self.run_with(authority.make("ours-late", "DNS:xmpp.example", LONG_AGO, NOT_LONG_AGO), theirs)
        self.assertIn("tls-failed", gateway.log())

    def test_its_is_for_another(self):
        gateway = self.run_with(ours, authority.make("its-other", "DNS:other.example"))
        self.assertIn("certificate=WRONG_NAME", gateway.log())


if __name__ == "__main__":
    harness.main("openssl", "kamailio", "prosody")
