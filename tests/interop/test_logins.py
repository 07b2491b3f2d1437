# SPDX-License-Identifier: MIT
"""Clients and components of others with our example server, and with them our own client."""
import socket
import unittest

import harness
import logins
import sipsecure
import sipua
from cutproxy import Proxy
from logins import DOMAIN, SERVICE, Component, Peer, Server, Trickle, User, Wire, login
from xmppclient import body

OTHERS = [which for which in ("client", "strophe") if logins.built(f"peer_{which}").exists()]
# slixmpp has no channel binding that TLS 1.3 defines, and says where it uses none that it had one to use.
PLAIN_SCRAM = ("mechanism SCRAM-SHA-256", "mechanism SCRAM-SHA-1", "mechanism PLAIN")


def setUpModule():
    global authority, server, plain
    authority = logins.Authority()
    server = Server(authority, more=("takes-over yes", "component sip.example " + harness.SECRET)).start()
    plain = Server(authority, more=PLAIN_SCRAM).start()


def tearDownModule():
    server.stop()
    plain.stop()


class Mechanisms(unittest.TestCase):
    def test_ours(self):
        """Over TLS that the stream asks for, or that stands first; XC-6.2-02, XC-5.2-08."""
        for name in ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"):
            for tls, port in (("required", server.port), ("direct", server.tls_port)):
                lines = login("client", port, tls=tls, ca=authority.file, mechanisms=name, resource="balcony")
                self.assertEqual(lines, [["ready", f"juliet@{DOMAIN}/balcony", name, "tls"], ["pong"], ["closed", "OK"]])

    def test_the_best_is_taken(self):
        lines = login("client", server.port, ca=authority.file)
        self.assertEqual(lines[0][2:], ["SCRAM-SHA-256-PLUS", "tls"])
        lines = login("client", plain.port, ca=authority.file)
        self.assertEqual(lines[0][2:], ["SCRAM-SHA-256", "tls"])

    def test_certificate(self):
        """EXTERNAL for whom a certificate of the right authority names, and has an account; XC-6.2-04."""
        for user, want in (("romeo", "ready"), ("nobody", "failure")):
            certificate, key = authority.user(user)
            lines = login("client", server.port, user=user, ca=authority.file, certificate=certificate, key=key,
                          mechanisms="EXTERNAL")
            self.assertEqual(lines[0][0], want, lines)
        certificate, key = logins.Authority().user("romeo")
        lines = login("client", server.port, user="romeo", ca=authority.file, certificate=certificate, key=key,
                      mechanisms="EXTERNAL")
        self.assertEqual(lines, [["closed", "UNSUPPORTED"]])

    def test_strophe(self):
        for tls, port in (("required", server.port), ("direct", server.tls_port)):
            lines = login("strophe", port, tls=tls, ca=authority.file, resource="balcony")
            self.assertEqual(lines, [["ready", f"juliet@{DOMAIN}/balcony", "-", "tls"], ["pong", "result"], ["closed", "0"]])

    def test_slixmpp(self):
        for name in ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"):
            user = User(plain.port, authority.file, mechanism=name)
            user.round_trip(DOMAIN)
            user.close()
            self.assertIn(f"juliet@{DOMAIN}/balcony: {name}\n", plain.log())


class Names(unittest.TestCase):
    """A client that knows its domain alone; XC-14.3-02, XC-14.3-03."""

    def login(self, names, **more):
        return login("client", 0, ca=authority.file, dns=names.server, **more)

    def test_places(self):
        for service, port in (("_xmpp-client", server.port), ("_xmpps-client", server.tls_port)):
            names = sipsecure.Names()
            names.service(f"{service}._tcp.{DOMAIN}", 10, port, "host.example")
            names.address("host.example", "127.0.0.1")
            self.assertEqual(self.login(names)[0][2:], ["SCRAM-SHA-256-PLUS", "tls"])
            names.close()

    def test_next(self):
        """A place where nobody listens, one that proves another name: the next."""
        other = Server(logins.Authority()).start()
        names = sipsecure.Names()
        for priority, service, port in ((1, "_xmpp-client", harness.free_port()), (2, "_xmpps-client", other.tls_port),
                                        (3, "_xmpps-client", server.tls_port)):
            names.service(f"{service}._tcp.{DOMAIN}", priority, port, "host.example")
        names.address("host.example", "127.0.0.1")
        self.assertEqual(self.login(names)[0][2:], ["SCRAM-SHA-256-PLUS", "tls"])
        names.close()
        other.stop()

    def test_nowhere(self):
        names = sipsecure.Names()
        self.assertEqual(self.login(names), [["closed", "UNKNOWN_DOMAIN"]])
        names.zone[f"_xmpp-client._tcp.{DOMAIN}", sipsecure.SRV] = [bytes(6) + b"\0"]  # explicitly (RFC 2782)
        names.address(DOMAIN, "127.0.0.1")
        self.assertEqual(self.login(names), [["closed", "UNKNOWN_DOMAIN"]])
        names.close()


class Elsewhere(unittest.TestCase):
    def test_see_other_host(self):
        """A server that sends our client to the real one, which has to prove the same domain (RFC 6120 4.9.3.19)."""
        for target in (f"127.0.0.1:{server.port}", "127.0.0.1:1"):
            listener = socket.create_server(("127.0.0.1", 0))
            peer = Peer("client", listener.getsockname()[1], ca=authority.file).launch()
            flow, _ = listener.accept()
            flow.recv(4096)
            flow.sendall(f"<stream:stream xmlns='jabber:client' from='{DOMAIN}' id='i' version='1.0' xmlns:stream='http://etherx.jabber."
                         "org/streams'><stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
                         f"{target}</see-other-host></stream:error></stream:stream>".encode())
            lines = peer.finish()
            self.assertEqual(lines[0], ["error", "see-other-host"])
            self.assertIn(lines[-1][1], ("OK", "REFUSED"))
            self.assertEqual("ready" in [line[0] for line in lines], target.endswith(str(server.port)))
            flow.close()
            listener.close()


class Wires(unittest.TestCase):
    def test_one_octet_at_a_time(self):
        """STARTTLS, the handshake, SASL, binding, a message, the end."""
        for tls, port in (("required", server.port), ("direct", server.tls_port)):
            for which in OTHERS:
                proxy = Trickle(port)
                lines = login(which, proxy.port, tls=tls, ca=authority.file, resource="r", to=f"juliet@{DOMAIN}/r", body="me", messages=1)
                self.assertIn(["message", "chat", f"juliet@{DOMAIN}/r", "me"], lines)
                proxy.close()

    def test_cut(self):
        """Wherever the connection ends, our client says so at once, and the server forgets it."""
        for direction, octets in (("down", b"<stream:features>"), ("up", b"<starttls"), ("down", b"<proceed"), ("down", b"\x16\x03"),
                                  ("up", b"\x17\x03\x03")):
            proxy = Proxy(server.port)
            proxy.set(direction, octets, "after", "cut")
            before = server.log().count("closed: ")
            lines = login("client", proxy.port, ca=authority.file)
            self.assertTrue(proxy.met.is_set())
            self.assertEqual([line[0] for line in lines], ["closed"])
            self.assertNotEqual(lines[0][1], "OK")
            harness.wait_until(lambda before=before: server.log().count("closed: ") > before, what="the server closing")
            proxy.close()


class Refused(unittest.TestCase):
    """Who is refused cannot tell whether there is such a user; XC-6.2-12."""

    def test_password_and_user(self):
        for user, password in (("juliet", "wrong"), ("nobody", "wrong"), ("nobody", logins.PASSWORD)):
            for name in ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "PLAIN"):
                lines = login("client", server.port, user=user, password=password, ca=authority.file, mechanisms=name)
                self.assertEqual(lines, [["failure", name, "not-authorized"], ["closed", "AUTH"]])
            lines = login("strophe", server.port, user=user, password=password, ca=authority.file)
            self.assertEqual([line[0] for line in lines], ["closed"])

    def test_slixmpp(self):
        user = User(plain.port, authority.file, password="wrong", mechanism="SCRAM-SHA-1", wait=False)
        self.assertEqual(user.wait_end("failed_auth"), "not-authorized")
        user.close()

    def test_no_tls(self):
        """Nobody gets in without it, whatever he likes; XC-5.1-02, XC-5.2-03."""
        self.assertEqual(login("client", server.port, tls="none"), [["closed", "UNSUPPORTED"]])
        self.assertEqual([line[0] for line in login("strophe", server.port, tls="none")], ["closed"])
        wire = Wire(server.port).header()
        self.assertNotIn("mechanism", wire.until("</stream:features>"))
        wire.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>")
        self.assertIn("<encryption-required/>", wire.until("</failure>"))
        wire.socket.close()

    def test_strange_server(self):
        """A certificate of another authority, or of another name, ends it before a password is told; XC-5.1-10, XC-5.1-11."""
        other = logins.Authority()
        for which in ("client", "strophe"):
            for tls, port in (("required", server.port), ("direct", server.tls_port)):
                lines = login(which, port, tls=tls, ca=other.file)
                self.assertEqual([line[0] for line in lines], ["closed"], lines)
                self.assertNotEqual(lines[0][1], "OK")
        lines = login("client", server.tls_port, tls="direct", ca=authority.file, domain="elsewhere.example")
        self.assertEqual(lines, [["closed", "AUTH"]])

    def test_lenient(self):
        """Who goes on with a server that proves nothing does not tell it the password in the clear."""
        lines = login("client", server.port)
        self.assertEqual(lines[0][2], "SCRAM-SHA-256-PLUS")
        self.assertEqual(login("client", server.port, mechanisms="PLAIN"), [["closed", "UNSUPPORTED"]])


class Messages(unittest.TestCase):
    def test_between_all(self):
        """Each to each, to the account and to the resource; XC-10.5-02, XC-10.5-04."""
        romeo = User(plain.port, authority.file, "romeo", "garden")
        for which in OTHERS:
            peer = Peer(which, plain.port, ca=authority.file, resource=which, to=f"romeo@{DOMAIN}/garden", body="hi",
                        messages=2).launch()
            peer.wait("pong")
            stanza = romeo.wait(match=lambda m, which=which: m.get("from") == f"juliet@{DOMAIN}/{which}")[0]
            self.assertEqual((body(stanza), stanza.get("to")), ("hi", f"romeo@{DOMAIN}/garden"))
            romeo.message(f"juliet@{DOMAIN}", "to all")
            romeo.message(f"juliet@{DOMAIN}/{which}", "to one")
            lines = peer.finish()
            self.assertEqual([line for line in lines if line[0] == "message"],
                             [["message", "chat", f"romeo@{DOMAIN}/garden", text] for text in ("to all", "to one")])
        romeo.close()

    def test_not_delivered(self):
        """An account that is none, one that is away, another domain, a service that is away."""
        for to in (f"nobody@{DOMAIN}", f"romeo@{DOMAIN}", "romeo@elsewhere.example", SERVICE):
            for which in OTHERS:
                lines = login(which, server.port, ca=authority.file, to=to, body="?", messages=1)
                self.assertIn(["message", "error", to, "" if which == "client" else ""], [line + [""] * (4 - len(line)) for line in lines])

    def test_iq(self):
        """XC-10.4-01"""
        juliet = User(plain.port, authority.file)
        juliet.round_trip(DOMAIN)
        juliet.send(f"<iq type='get' to='{DOMAIN}' id='d1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
                    f"<iq type='set' to='{DOMAIN}' id='d2'><x xmlns='no:such'/></iq>")
        found = {iq.get("id"): iq for iq in juliet.wait("iq", 2, match=lambda iq: iq.get("id") in ("d1", "d2"))}
        identity = found["d1"].find(".//{http://jabber.org/protocol/disco#info}identity")
        self.assertEqual((identity.get("category"), identity.get("type")), ("server", "im"))
        self.assertEqual(found["d2"].get("type"), "error")
        juliet.close()


class Resources(unittest.TestCase):
    """RFC 6120 7.7.2.2; XC-7-10, XC-7-13."""

    def test_taken_over(self):
        """XC-4.7.3-03"""
        for which in OTHERS:
            first = Peer(which, server.port, ca=authority.file, resource="same", messages=9).launch()
            first.wait("pong")
            lines = login("client", server.port, ca=authority.file, resource="same")
            self.assertEqual(lines[0][:2], ["ready", f"juliet@{DOMAIN}/same"])
            self.assertEqual(first.wait("error"), [["conflict"]])
            first.finish()

    def test_refused(self):
        first = Peer("client", plain.port, ca=authority.file, resource="same", messages=9).launch()
        first.wait("pong")
        lines = login("client", plain.port, ca=authority.file, resource="same")
        self.assertEqual(lines[0], ["unbound", "conflict"])
        self.assertEqual(lines[1][0], "ready")
        self.assertNotEqual(lines[1][1], f"juliet@{DOMAIN}/same")
        first.end()

    def test_made_by_the_server(self):
        found = {login(which, server.port, ca=authority.file)[0][1] for which in OTHERS for _ in range(3)}
        self.assertEqual(len(found), 3 * len(OTHERS))


class StreamErrors(unittest.TestCase):
    def ended_with(self, condition, wire):
        rest = wire.rest()
        self.assertIn(f"<{condition} xmlns=", rest)
        self.assertTrue(rest.endswith("</stream:stream>"), rest)

    def test_headers(self):
        """XC-4.7.3-06, XC-4.7.3-11, XC-4.7.3-23."""
        for condition, parts in (("host-unknown", {"to": "elsewhere.example"}), ("invalid-namespace", {"namespace": "jabber:other"}),
                                 ("unsupported-version", {"more": ""})):
            self.ended_with(condition, Wire(server.port).header(**parts))

    def test_content(self):
        """XC-4.7.3-13, XC-4.7.3-17, XC-4.7.3-22, XC-4.7.3-24."""
        for condition, text in (("not-authorized", "<message/>"), ("not-well-formed", "<a></b>"), ("restricted-xml", "<!-- -->"),
                                ("unsupported-stanza-type", "<x xmlns='no:such'/>")):
            wire = Wire(server.port).header()
            wire.until("</stream:features>")
            self.ended_with(condition, wire.say(text))

    def test_nothing_in_clear_reaches_tls(self):
        """What came in clear behind starttls is nobody's; XC-5.1-09."""
        wire = Wire(server.port).header()
        wire.until("</stream:features>")
        wire.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><message/>")
        wire.until("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        wire.say("<message/>")
        self.assertNotIn("stream:error", wire.rest())

    def test_shutdown(self):
        """XC-4.7.3-19"""
        own = Server(authority, more=PLAIN_SCRAM).start()
        peers = [Peer(which, own.port, ca=authority.file, messages=9).launch() for which in OTHERS]
        user = User(own.port, authority.file, "romeo")
        for peer in peers:
            peer.wait("pong")
        own.stop()
        for peer in peers:
            self.assertEqual(peer.wait("error"), [["system-shutdown"]])
            peer.finish()
        self.assertEqual(user.wait_end("stream_error"), "system-shutdown")
        user.close()


class Components(unittest.TestCase):
    """The receiving side of XEP-0114."""

    def test_slixmpp(self):
        component = Component(server.component_port)
        self.assertTrue(component.online.wait(10))
        for which in OTHERS:
            for to in (SERVICE, f"echo@{SERVICE}/x"):
                lines = login(which, server.port, ca=authority.file, resource="r", to=to, body="hello", messages=1)
                self.assertIn(["message", "chat", to, f"hello, says {to}"], lines)
        component.close()

    def test_refused(self):
        for domain, secret, condition in ((SERVICE, "wrong", "not-authorized"), ("elsewhere.example", harness.SECRET, "host-unknown")):
            component = Component(server.component_port, domain, secret)
            self.assertTrue(component.gone.wait(10))
            self.assertFalse(component.online.is_set())
            component.close()
            wire = Wire(server.component_port).header(domain, "jabber:component:accept", "")
            if condition == "not-authorized":
                wire.until("id=")
                wire.say("<handshake>0123456789012345678901234567890123456789</handshake>")
            self.assertIn(f"<{condition} xmlns=", wire.rest())

    def test_twice(self):
        """A domain has one component: the second is refused, the first stays."""
        first = Component(server.component_port)
        self.assertTrue(first.online.wait(10))
        wire = Wire(server.component_port).header(SERVICE, "jabber:component:accept", "")
        self.assertIn("<conflict xmlns=", wire.rest())
        lines = login("client", server.port, ca=authority.file, to=SERVICE, body="still", messages=1)
        self.assertIn(["message", "chat", SERVICE, f"still, says {SERVICE}"], lines)
        first.close()

    def test_gateway(self):
        """Our component session at our component port: SIP to a user of the example server and back."""
        uas = sipua.Server()
        gateway = harness.Gateway(server.component_port, f"udp:127.0.0.1:{uas.port}").start()
        peer = Peer("client", server.port, ca=authority.file, resource="r", to="romeo@sip.example", body="to SIP", messages=1).launch()
        peer.wait("pong")
        with sipua.Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(to=f"sip:juliet@{DOMAIN}", body="from SIP").code, 200)
            self.assertIn(["message", "chat", "romeo@sip.example", "from SIP"], [line[:4] for line in peer.finish()])
        self.assertEqual([message.text for message in uas.wait()], ["to SIP"])
        gateway.stop()
        uas.close()


if __name__ == "__main__":
    if not logins.built("stox-example-server").exists() or not logins.built("peer_client").exists():
        harness.skip("the example server is not built")
    harness.main("openssl")
