# SPDX-License-Identifier: MIT
"""Our federation with Prosody and ejabberd: EXTERNAL, dialback, direct TLS, and both refused when they must be."""
import unittest

import federations
import harness
import logins
from federations import OURS, Federation


def setUpModule():
    global names, everybody, authority, stranger, servers, prosody, strict
    names = federations.Names()
    everybody = federations.system_names()
    authority, stranger = logins.Authority(), logins.Authority()
    prosody = federations.Prosody(names, authority.domain("prosody.example"), authority.file).start()
    servers = [(prosody, names)]
    if everybody and logins.Ejabberd.libraries():
        ejabberd = federations.Ejabberd(everybody, authority.domain("ejabberd.example"), authority.file).start()
        servers.append((ejabberd, everybody))


class Federate(unittest.TestCase):
    def each(self, certificate, ca, up, heard, **more):
        """Both directions with each server: the message and the ping go, the ping's answer comes."""
        for server, resolver in servers:
            with self.subTest(server=server.domain):
                federation = Federation(resolver, server.domain, certificate, ca, **more).start()
                self.assertEqual(federation.wait("UP", OURS, server.domain)[3:], up)
                self.assertEqual(federation.wait("HEARD", OURS, server.domain)[3:], heard)
                federation.wait("STANZA", "iq", "result", server.domain, "p1")
                federation.stop()

    def test_external(self):
        """XC-8.1-03, XC-14.7-03: certificates of one authority."""
        self.each(authority.domain(OURS), authority.file, ["external", "tls", "verified", "OK"],
                  ["external", "tls", "verified", "OK"], dialback="off")
        self.assertIn("hi", prosody.kept())

    def test_we_are_not_known(self):
        """Their authority does not vouch for us: our keys are checked."""
        self.each(federations.self_signed(OURS), authority.file, ["dialback", "tls", "verified", "OK"],
                  ["external", "tls", "verified", "OK"])

    def test_they_are_not_known(self):
        """Ours does not vouch for them: we check theirs."""
        self.each(authority.domain(OURS), stranger.file, ["external", "tls", "unverified", "OK"],
                  ["dialback", "tls", "unverified", "OK"])

    def test_nobody_is_known(self):
        """XC-14.4-02: dialback both ways, under TLS."""
        self.each(federations.self_signed(OURS), stranger.file, ["dialback", "tls", "unverified", "OK"],
                  ["dialback", "tls", "unverified", "OK"])


class Refuse(unittest.TestCase):
    def each(self, certificate, ca, **more):
        for server, resolver in servers:
            with self.subTest(server=server.domain):
                federation = Federation(resolver, server.domain, certificate, ca, **more).start()
                self.assertEqual(federation.wait("DOWN", OURS, server.domain)[6], "AUTH")
                federation.stop()
                self.assertFalse([line for line in federation.lines() if line[0] in ("UP", "STANZA")])

    def test_no_dialback(self):
        """XC-14.4-05: without dialback who is not known by EXTERNAL is not known."""
        self.each(federations.self_signed(OURS), authority.file, dialback="off")

    def test_not_verified(self):
        self.each(authority.domain(OURS), stranger.file, verified="yes")
        self.each(authority.domain(OURS), stranger.file, dialback="off")

    def test_other_name(self):
        """A good certificate of another name is none."""
        self.each(authority.domain("other.example"), authority.file, dialback="off")

    def test_they_refuse(self):
        """A server that takes EXTERNAL alone."""
        own = federations.Names()
        server = federations.Prosody(own, authority.domain("prosody.example"), authority.file, strict=True).start()
        federation = Federation(own, server.domain, federations.self_signed(OURS), authority.file).start()
        self.assertIn(federation.wait("DOWN", OURS, server.domain)[6], ("AUTH", "REFUSED"))
        federation.stop()
        federation = Federation(own, server.domain, authority.domain(OURS), authority.file).start()
        self.assertEqual(federation.wait("UP", OURS, server.domain)[3], "external")
        federation.stop()
        server.end()


class Places(unittest.TestCase):
    def test_direct_tls(self):
        """XEP-0368: by the record, in both directions."""
        own = federations.Names()
        server = federations.Prosody(own, authority.domain("prosody.example"), authority.file).start()
        del own.ports["_xmpp-server._tcp.prosody.example"]
        own.set("prosody.example", server.tls_port, "_xmpps-server")
        federation = Federation(own, server.domain, authority.domain(OURS), authority.file, dialback="off")
        own.set(OURS, federation.tls_port, "_xmpps-server")
        federation.start()
        self.assertEqual(federation.wait("UP", OURS, server.domain)[3], "external")
        federation.wait("STANZA", "iq", "result", server.domain, "p1")
        federation.stop()
        server.end()

    def test_nobody(self):
        federation = Federation(names, "nobody.example", authority.domain(OURS), authority.file).start()
        self.assertEqual(federation.wait("DOWN", OURS, "nobody.example")[6], "UNKNOWN_DOMAIN")
        federation.stop()


if __name__ == "__main__":
    if not logins.built("interop_probe_federation").exists():
        harness.skip("the federation is not built")
    harness.main("prosody", "openssl")
