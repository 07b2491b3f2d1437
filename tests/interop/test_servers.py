# SPDX-License-Identifier: MIT
"""Our client, and our component session, with the servers of others."""
import unittest

import harness
import logins
import sipua
from logins import DOMAIN, Ejabberd, Peer, Prosody, User, login


def setUpModule():
    global authority, servers
    authority = logins.Authority()
    servers = {"prosody": Prosody(authority), "prosody-256": Prosody(authority, hash_name="SHA-256")}
    if Ejabberd.libraries():
        servers["ejabberd"] = Ejabberd(authority, service="sip.example")
        servers["ejabberd-256"] = Ejabberd(authority, hash_name="sha256")
    for server in servers.values():
        server.launch()
    for server in servers.values():
        server.start()


def tearDownModule():
    for server in servers.values():
        server.end()


class Logins(unittest.TestCase):
    def each(self, *names):
        """Each server of those names that is there, on both of its ports."""
        for name in names:
            if name in servers:
                for tls, port in (("required", servers[name].port), ("direct", servers[name].tls_port)):
                    with self.subTest(f"{name} {tls}"):
                        yield servers[name], {"port": port, "tls": tls, "ca": authority.file}

    def test_default(self):
        """Whatever it offers, we get in by SCRAM, and are told who we are; XC-6.2-05, XC-7-05, XC-7-09."""
        for name, mechanism in (("prosody", "SCRAM-SHA-1"), ("prosody-256", "SCRAM-SHA-256"), ("ejabberd", "SCRAM-SHA-1"),
                                ("ejabberd-256", "SCRAM-SHA-256")):
            for _, how in self.each(name):
                lines = login("client", resource="balcony", **how)
                self.assertEqual(lines, [["ready", f"juliet@{DOMAIN}/balcony", mechanism, "tls"], ["pong"], ["closed", "OK"]])

    def test_plain(self):
        for _, how in self.each(*servers):
            lines = login("client", mechanisms="PLAIN", **how)
            self.assertEqual(lines[0][2:], ["PLAIN", "tls"])

    def test_wrong_password(self):
        """The failure is told, no weaker mechanism is tried, and the stream is closed in good order."""
        for _, how in self.each(*servers):
            for user in ("juliet", "nobody"):
                lines = login("client", user=user, password="wrong", **how)
                self.assertEqual([lines[0][0], *lines[0][2:], *lines[1:]], ["failure", "not-authorized", ["closed", "AUTH"]])

    def test_plus(self):
        """These servers have but tls-unique, which is no binding of TLS 1.3 (RFC 9266): without XEP-0440 we do not guess. Told to use
        a binding, we use one that they do not have, and get in by nothing weaker."""
        for _, how in self.each("ejabberd"):
            lines = login("client", mechanisms="SCRAM-SHA-1-PLUS", **how)
            self.assertEqual(lines, [["failure", "SCRAM-SHA-1-PLUS", "not-authorized"], ["closed", "AUTH"]])
        for _, how in self.each("prosody"):
            self.assertEqual(login("client", mechanisms="SCRAM-SHA-1-PLUS", **how), [["closed", "UNSUPPORTED"]])

    def test_certificates(self):
        """XC-5.1-10, XC-5.1-11"""
        other = logins.Authority()
        for _, how in self.each(*servers):
            lines = login("client", **{**how, "ca": other.file})
            self.assertEqual(lines, [["closed", "AUTH"]])

    def test_resource_in_use(self):
        """Each server has its own way to deal with a resource that is in use: all end with one of us there."""
        for server, how in self.each("prosody", "ejabberd"):
            first = Peer("client", resource="same", messages=9, **how).launch()
            first.wait("pong")
            lines = login("client", resource="same", **how)
            self.assertIn("ready", [line[0] for line in lines])
            if lines[-3][1] == f"juliet@{DOMAIN}/same":
                self.assertEqual(first.wait("error"), [["conflict"]])
            first.end()

    def test_messages(self):
        """With slixmpp at the same server, both ways."""
        for server, how in self.each("prosody", "ejabberd"):
            user = User(server.port, authority.file, resource="slix", mechanism="SCRAM-SHA-1")
            peer = Peer("client", resource="ours", to=f"juliet@{DOMAIN}/slix", body="hi", messages=1, **how).launch()
            peer.wait("pong")
            stanza = user.wait(match=lambda m: m.get("from") == f"juliet@{DOMAIN}/ours")[0]
            self.assertEqual(stanza.findtext("{jabber:client}body"), "hi")
            user.message(f"juliet@{DOMAIN}/ours", "ho")
            self.assertIn(["message", "chat", f"juliet@{DOMAIN}/slix", "ho"], peer.finish())
            user.close()

    def test_domain_that_is_not_served(self):
        """The stream error is understood, and comes through TLS or before it."""
        for _, how in self.each("prosody"):
            lines = login("client", domain="elsewhere.example", **how)
            self.assertIn(lines[-1], (["closed", "REFUSED"], ["closed", "AUTH"]))


@unittest.skipUnless(Ejabberd.libraries(), "ejabberd is not installed")
class ComponentServer(unittest.TestCase):
    """ejabberd as the server of our component session; Prosody is so in test_messages.py."""

    def test_messages(self):
        server = servers["ejabberd"]
        uas = sipua.Server()
        gateway = harness.Gateway(server.component_port, f"udp:127.0.0.1:{uas.port}").start()
        user = User(server.port, authority.file, mechanism="SCRAM-SHA-1")
        with sipua.Caller(gateway.port) as caller:
            self.assertEqual(caller.ask(body="from SIP").code, 200)
            self.assertEqual(user.wait()[0].get("from"), "romeo@sip.example")
            user.message("romeo@sip.example", "to SIP")
            self.assertEqual([message.text for message in uas.wait()], ["to SIP"])
            self.assertIn(caller.ask(to="sip:nobody@xmpp.example").code, (403, 404, 480))
            user.close()
        gateway.stop()
        uas.close()

    def test_wrong_secret(self):
        """The stream error is understood; the gateway goes on trying."""
        kept, harness.SECRET = harness.SECRET, "another"
        try:
            gateway = harness.Gateway(servers["ejabberd"].component_port, options=("--backoff-max", "500")).start(ready=False)
        finally:
            harness.SECRET = kept
        harness.wait_until(lambda: gateway.log().count("xmpp-stream-lost") >= 2, what="being refused twice")
        self.assertIn("AUTH", gateway.log())
        gateway.stop()


if __name__ == "__main__":
    if not logins.built("peer_client").exists():
        harness.skip("our client is not built")
    harness.main("openssl", "prosody")
