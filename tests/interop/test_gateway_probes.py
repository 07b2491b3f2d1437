# SPDX-License-Identifier: MIT
"""The gateway as an XMPP server, met by openssl and by crooked servers: STARTTLS stripped and injected into, old versions, what is said in the clear."""
import re
import socket
import ssl
import subprocess
import threading
import time
import unittest

import gatewaypeers as peers
import harness
import logins
from sipua import Caller, Server

LOCAL, REMOTE = "sip.example", "evil.example"
STREAM = ("<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' "
          f"from='{REMOTE}' to='{LOCAL}' version='1.0'>")
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
RESULT = f"<db:result from='{REMOTE}' to='{LOCAL}'>0123456789</db:result>"
EXTERNAL = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
MESSAGE = f"<message from='mallory@{REMOTE}' to='romeo@{LOCAL}' id='1'><body>Hi</body></message>"
OFFERS = ("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>"
          "<dialback xmlns='urn:xmpp:features:dialback'/>")


def setUpModule():
    global names, authority, uas, gateways
    names, authority, uas = peers.Names(), logins.Authority(), Server()
    hop = f"udp:127.0.0.1:{uas.port}"
    gateways = {dialback: peers.Gateway(LOCAL, names, authority, authority.domain(LOCAL), hop, dialback=dialback).start()
                for dialback in (False, True)}


def tearDownModule():
    for gateway in gateways.values():
        gateway.stop()
    uas.close()
    names.close()


def until(connection, end):
    """What comes up to `end`, or up to the end of the stream."""
    text = b""
    while end not in text:
        try:
            part = connection.recv(4096)
        except (ConnectionError, socket.timeout, ssl.SSLError):
            return text
        if not part:
            return text
        text += part
    return text


class Base(unittest.TestCase):
    def setUp(self):
        for gateway in gateways.values():
            gateway.check()
        uas.clear()

    def tearDown(self):
        for gateway in gateways.values():
            gateway.check()
        self.assertEqual(uas.requests, [])


class ToUs(Base):
    def stream(self, gateway, text=STREAM):
        connection = socket.create_connection(("127.0.0.1", gateway.s2s_port), timeout=10)
        self.addCleanup(connection.close)
        connection.sendall(text.encode())
        return connection, until(connection, b"</stream:features>")

    def secured(self, connection, certificate=None):
        context = ssl.create_default_context(cafile=str(authority.file))
        if certificate:
            context.load_cert_chain(*certificate)
        return context.wrap_socket(connection, server_hostname=LOCAL)

    def test_openssl(self):
        """Of the versions only 1.2 and 1.3 are spoken."""
        for version, good in (("-tls1", 0), ("-tls1_1", 0), ("-tls1_2", 1), ("-tls1_3", 1)):
            with self.subTest(version=version):
                done = subprocess.run(
                    ["openssl", "s_client", "-connect", f"127.0.0.1:{gateways[False].s2s_port}", "-starttls", "xmpp-server", "-xmpphost",
                     LOCAL, "-CAfile", str(authority.file), "-verify_return_error", "-verify_hostname", LOCAL, version, "-cipher",
                     "DEFAULT:@SECLEVEL=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
                text = done.stdout.decode("utf-8", "replace")
                self.assertEqual("Verify return code: 0 (ok)" in text and "Cipher is (NONE)" not in text, bool(good), text[-800:])

    def test_nothing_in_the_clear(self):
        """Whoever is told that there is no STARTTLS authenticates nobody, and is not heard."""
        for dialback, gateway in gateways.items():
            for text in (RESULT, EXTERNAL, MESSAGE, RESULT + MESSAGE):
                with self.subTest(dialback=dialback, text=text[:12]):
                    connection, features = self.stream(gateway)
                    self.assertIn(b"<required/>", features)
                    self.assertNotIn(b"EXTERNAL", features)
                    connection.sendall(text.encode())
                    said = until(connection, b"</stream:stream>")
                    self.assertNotIn(b"<success", said)
                    self.assertNotIn(b"type='valid'", said)
                    self.assertEqual(gateway.events("xmpp-heard", REMOTE), [])

    def test_injection_behind_starttls(self):
        for behind in (RESULT, EXTERNAL + MESSAGE, STREAM + RESULT, "\n" * 5):
            with self.subTest(behind=behind[:8]):
                connection, _ = self.stream(gateways[True])
                connection.sendall((STARTTLS + behind).encode())
                self.assertEqual(until(connection, b"/>"), PROCEED.encode())
                with self.secured(connection) as session:
                    session.sendall(STREAM.encode())
                    said = until(session, b"</stream:features>")
                    session.sendall(b"</stream:stream>")
                    said += until(session, b"</stream:stream>")
                self.assertFalse(re.search(rb"<success|<failure|db:result|stream:error", said), said)

    def test_certificate_of_another(self):
        """EXTERNAL is not offered to whom the certificate is not for, nor taken."""
        for certificate in (None, authority.domain("other.example"), logins.Authority().domain(REMOTE)):
            with self.subTest(certificate=certificate):
                connection, _ = self.stream(gateways[False])
                connection.sendall(STARTTLS.encode())
                self.assertEqual(until(connection, b"/>"), PROCEED.encode())
                with self.secured(connection, certificate) as session:
                    session.sendall(STREAM.encode())
                    self.assertNotIn(b"EXTERNAL", until(session, b"</stream:features>"))
                    session.sendall((EXTERNAL + MESSAGE).encode())
                    self.assertNotIn(b"<success", until(session, b"</stream:stream>"))
                self.assertEqual(gateways[False].events("xmpp-heard", REMOTE), [])


class Revoked(Base):
    """A file of authorities that holds a list of what they revoked."""

    def setUp(self):
        self.revoked, self.kept = authority.domain("revoked.example"), authority.domain("kept.example")
        where = harness.folder("revoked")
        (where / "index").write_text("")
        (where / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={where}/index\ncertificate={authority.file}\n"
            f"private_key={authority.folder}/ca.key\ndefault_md=sha256\ndefault_crl_days=2\n")
        for arguments in (("-revoke", self.revoked[0]), ("-gencrl", "-out", where / "list.pem")):
            subprocess.run(["openssl", "ca", "-config", str(where / "ca.cnf"), *map(str, arguments)], check=True, capture_output=True)
        self.file, self.folder = where / "both.pem", where
        self.file.write_bytes(authority.file.read_bytes() + (where / "list.pem").read_bytes())

    def test_revoked(self):
        gateway = peers.Gateway("listed.example", names, self, authority.domain("listed.example"), f"udp:127.0.0.1:{uas.port}").start()
        self.addCleanup(gateway.stop)
        for domain, certificate, offered in (("kept.example", self.kept, True), ("revoked.example", self.revoked, False)):
            with self.subTest(domain=domain), socket.create_connection(("127.0.0.1", gateway.s2s_port), timeout=10) as connection:
                stream = STREAM.replace(REMOTE, domain).replace(LOCAL, "listed.example").encode()
                connection.sendall(stream)
                until(connection, b"</stream:features>")
                connection.sendall(STARTTLS.encode())
                self.assertEqual(until(connection, b"/>"), PROCEED.encode())
                context = ssl.create_default_context(cafile=str(authority.file))
                context.load_cert_chain(*certificate)
                with context.wrap_socket(connection, server_hostname="listed.example") as session:
                    session.sendall(stream)
                    self.assertEqual(b"EXTERNAL" in until(session, b"</stream:features>"), offered)


class FromUs(Base):
    """What the gateway says to a server that a message of ours leads it to."""

    def meets(self, gateway, domain, handle):
        heard = []
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(20)
            names.at[domain] = listening.getsockname()[1]

            def serve():
                connection, _ = listening.accept()
                connection.settimeout(8)
                with connection:
                    heard.append(until(connection, b"version='1.0'"))
                    try:
                        handle(connection, heard)
                    except (OSError, ssl.SSLError):
                        pass
            thread = threading.Thread(target=serve)
            thread.start()
            with Caller(gateway.port) as caller:
                answer = caller.ask(20, to=f"sip:juliet@{domain}", sender=f"sip:romeo@{LOCAL}", body="Hi")
            thread.join()
        self.assertIn(answer.code, (404, 503, 504))
        self.assertEqual(gateway.events("xmpp-up", domain), [])
        return b"".join(heard)

    def head(self, domain, features):
        return ("<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' "
                f"id='1' from='{domain}' to='{LOCAL}' version='1.0'><stream:features>{features}</stream:features>").encode()

    def assert_said_nothing(self, heard):
        for word in (b"<auth", b"db:result", b"<message", b"db:verify"):
            self.assertNotIn(word, heard)

    def test_starttls_stripped(self):
        for dialback, gateway in gateways.items():
            domain = f"stripped{int(dialback)}.example"

            def handle(connection, heard):
                connection.sendall(self.head(domain, OFFERS))
                heard.append(until(connection, b"never"))
            with self.subTest(dialback=dialback):
                heard = self.meets(gateway, domain, handle)
                self.assertIn(b"<starttls", heard)  # RFC 7590 3.1: not deterred
                self.assert_said_nothing(heard)

    def test_starttls_refused(self):
        for dialback, gateway in gateways.items():
            domain = f"refusing{int(dialback)}.example"

            def handle(connection, heard):
                connection.sendall(self.head(domain, STARTTLS))
                heard.append(until(connection, b"tls'/>"))
                connection.sendall(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>" + self.head(domain, OFFERS))
                heard.append(until(connection, b"never"))
            with self.subTest(dialback=dialback):
                self.assert_said_nothing(self.meets(gateway, domain, handle))

    def test_injection_behind_proceed(self):
        for number, behind in enumerate((OFFERS, " " * 5)):
            domain = f"injecting{number}.example"

            def handle(connection, heard):
                connection.sendall(self.head(domain, STARTTLS))
                heard.append(until(connection, b"tls'/>"))
                connection.sendall(PROCEED.encode() + (self.head(domain, behind) if number == 0 else behind.encode()))
                heard.append(until(connection, b"never"))
            with self.subTest(behind=behind[:8]):
                heard = self.meets(gateways[True], domain, handle)
                self.assertIn(b"<starttls", heard)
                self.assert_said_nothing(heard)

    def test_certificates(self):
        """Without dialback whoever is not who he must be hears nothing but TLS."""
        for number, certificate in enumerate((authority.domain("right.example"), logins.Authority().domain("known2.example"))):
            domain = f"known{number + 1}.example"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            said = []

            def handle(connection, heard):
                connection.sendall(self.head(domain, STARTTLS))
                heard.append(until(connection, b"tls'/>"))
                connection.sendall(PROCEED.encode())
                with context.wrap_socket(connection, server_side=True) as session:
                    said.append(until(session, b">"))
                    session.sendall(self.head(domain, OFFERS))
                    said.append(until(session, b"never"))
            with self.subTest(domain=domain):
                self.meets(gateways[False], domain, handle)
                self.assert_said_nothing(b"".join(said))


if __name__ == "__main__":
    harness.main("openssl")
