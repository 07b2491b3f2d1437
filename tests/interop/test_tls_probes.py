# SPDX-License-Identifier: MIT
"""openssl and crooked peers against our TLS: names, validity, versions, ciphers, renegotiation, cut wires, STARTTLS stripped or injected into."""
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time
import unittest

import harness

NAME = "example.com"
BIN = pathlib.Path(os.environ.get("STOX_BIN", "build/dev/bin")).absolute()
PROBE, SERVER = BIN / "interop_probe_tls", BIN / "stox-example-server"
WEAK = "DEFAULT:@SECLEVEL=0"
STREAM = f"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{NAME}' version='1.0'>"
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PLAIN = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABzZWNyZXQ=</auth>"
MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options).stdout


class Authority:
    """Certificates made for the run; `files[name]` are the chain and the key of one."""

    def __init__(self):
        self.folder, self.files, self.serial = harness.folder("authority"), {}, 16
        self.ca, self.ca_key = self.folder / "ca.pem", self.folder / "ca.key"
        self.make_self_signed("ca", "/CN=Root", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
        self.make_self_signed("self", f"/CN={NAME}", f"subjectAltName=DNS:{NAME}")
        self.make("good", f"DNS:{NAME}")
        self.make("other", "DNS:example.org")
        self.make("wide", "DNS:*.example.com")
        self.make("name", None)
        self.make("expired", f"DNS:{NAME}", begin="20200101000000Z", end="20200201000000Z")
        self.make("early", f"DNS:{NAME}", begin="20900101000000Z", end="20910101000000Z")
        self.make("purpose", f"DNS:{NAME}", "extendedKeyUsage=codeSigning")
        self.make("must", f"DNS:{NAME}", "tlsfeature=status_request")
        self.make("rsa", f"DNS:{NAME}", key=("rsa:2048",))
        self.make("small", f"DNS:{NAME}", key=("rsa:1024",))
        self.make("client", "DNS:example.net")

    def make_self_signed(self, name, subject, *extensions):
        chain, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        added = [item for extension in extensions for item in ("-addext", extension)]
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", chain,
                "-subj", subject, "-days", 30, *added)
        self.files[name] = (chain, key)

    def make(self, name, alternatives, *extensions, begin=None, end=None, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        """Signed by the authority, from `begin` to `end`: `openssl ca` alone can set both."""
        chain, secret, request = (self.folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        extensions = list(extensions) + ([f"subjectAltName={alternatives}"] if alternatives else [])
        openssl("req", "-new", "-newkey", *key, "-nodes", "-keyout", secret, "-out", request, "-subj", f"/CN={NAME}")
        self.serial += 1
        (self.folder / "serial").write_text(f"{self.serial:04X}\n")
        (self.folder / "index").write_text("")
        (self.folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.folder}/index\nserial={self.folder}/serial\nnew_certs_dir={self.folder}\n"
            f"certificate={self.ca}\nprivate_key={self.ca_key}\ndefault_md=sha256\ndefault_days=30\npolicy=any\nunique_subject=no\n"
            "x509_extensions=added\n[any]\ncommonName=supplied\n[added]\n" + "\n".join(extensions or ["basicConstraints=CA:FALSE"]) + "\n")
        dates = ["-startdate", begin, "-enddate", end] if begin else []
        openssl("ca", "-batch", "-config", self.folder / "ca.cnf", "-in", request, "-out", chain, "-notext", *dates)
        self.files[name] = (chain, secret)

    def response(self, name, revoked=False):
        """An OCSP response about one certificate, as its responder gives it."""
        serial = openssl("x509", "-in", self.files[name][0], "-noout", "-serial").decode().strip().partition("=")[2]
        state = "R\t301231235959Z\t200101000000Z" if revoked else "V\t301231235959Z\t"
        index, out, asked = self.folder / "ocsp.index", self.folder / f"{name}-{revoked}.ocsp", self.folder / "asked"
        index.write_text(f"{state}\t{serial}\tunknown\t/CN={NAME}\n")
        openssl("ocsp", "-issuer", self.ca, "-cert", self.files[name][0], "-no_nonce", "-reqout", asked)
        openssl("ocsp", "-index", index, "-CA", self.ca, "-rsigner", self.ca, "-rkey", self.ca_key, "-reqin", asked, "-respout", out,
                "-ndays", 7)
        return out


class Probes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()

    def launch(self, name, *arguments, **options):
        program = harness.Program(name, *arguments)
        self.addCleanup(program.end)
        if options.get("stdin"):
            program.out, program.err = open(program.folder / "out", "ab"), open(program.folder / "err", "ab")
            program.process = subprocess.Popen(program.arguments, stdin=subprocess.PIPE, stdout=program.out, stderr=program.err,
                                               cwd=program.folder, start_new_session=True)
            harness.Program.running.append(program)
            self.addCleanup(program.process.stdin.close)
            return program
        return program.launch()

    def said(self, program, pattern, timeout=10.0):
        """The first place where the log of a program matches."""
        return harness.wait_until(lambda: re.search(pattern, program.log()), timeout, f"{pattern} in {program.arguments[1]}")

    # ---- openssl s_server, our client side ----

    def serve(self, certificate, *options, stdin=False):
        chain, key = self.authority.files[certificate]
        port = harness.free_port()
        program = self.launch("s_server", "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", chain, "-key", key, *options,
                              stdin=stdin)
        self.said(program, "ACCEPT")
        return port, program

    def visit(self, port, *arguments, certificate=None, name=NAME):
        more = []
        if certificate:
            chain, key = self.authority.files[certificate]
            more = [f"certificate={chain}", f"key={key}"]
        return self.launch("connect", PROBE, "connect", f"port={port}", f"name={name}", f"ca={self.authority.ca}", *more, *arguments)

    def test_certificates(self):
        rows = (
            ("good", NAME, "OK", "verified=1"),
            ("rsa", NAME, "OK", "verified=1"),
            ("other", NAME, "AUTH", "WRONG_NAME"),
            ("wide", "a.example.com", "OK", "verified=1"),
            ("wide", NAME, "AUTH", "WRONG_NAME"),
            ("wide", "a.b.example.com", "AUTH", "WRONG_NAME"),
            ("name", NAME, "AUTH", "WRONG_NAME"),
            ("expired", NAME, "AUTH", "EXPIRED"),
            ("early", NAME, "AUTH", "NOT_YET"),
            ("self", NAME, "AUTH", "SELF_SIGNED"),
            ("purpose", NAME, "AUTH", "WRONG_PURPOSE"),
            ("small", NAME, "AUTH", "WEAK"),
            ("must", NAME, "AUTH", "NO_STAPLE"),
        )
        for certificate, name, status, word in rows:
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest(certificate=certificate, name=name, version=version):
                    port, server = self.serve(certificate, "-rev", version, "-cipher", WEAK)
                    log = self.said(self.visit(port, "say=x\n", "times=1", name=name), rf"secured {status}.*").group()
                    self.assertIn(word, log)
                    server.end()

    def test_staples(self):
        good, bad = self.authority.response("must"), self.authority.response("good", revoked=True)
        about_another = self.authority.response("good")
        rows = (
            ("must", good, "OK", "verified=1"),
            ("good", bad, "AUTH", "REVOKED"),
            ("rsa", about_another, "AUTH", "BAD_STAPLE"),
        )
        for certificate, response, status, word in rows:
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest(certificate=certificate, version=version):
                    port, server = self.serve(certificate, "-rev", version, "-status_file", response)
                    log = self.said(self.visit(port, "say=x\n", "times=1"), r"secured .*").group()
                    self.assertIn(f"secured {status}", log)
                    self.assertIn(word, log)
                    server.end()
        port, _ = self.serve("good", "-rev")
        self.assertIn("REVOCATION_UNKNOWN", self.said(self.visit(port, "strict=yes"), r"secured AUTH.*").group())

    def test_old_servers(self):
        rows = (
            ("-tls1", "-cipher", WEAK),
            ("-tls1_1", "-cipher", WEAK),
            ("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"),
            ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"),
            ("-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0"),
            ("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"),
        )
        for row in rows:
            with self.subTest(row=row):
                port, server = self.serve("rsa", "-rev", *row)
                self.said(self.visit(port), r"opened (REFUSED|UNSUPPORTED)")
                server.end()

    def test_not_tls(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            probe = self.visit(listening.getsockname()[1])
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                self.said(probe, "opened BAD_TLS")

    def test_resumption_at_server(self):
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version=version):
                port, server = self.serve("good", "-rev", version)
                probe = self.visit(port, "say=abc\n", "times=2")
                self.said(probe, "secured OK.*resumed=0(.*\n)*.*secured OK.*resumed=1 verified=1")
                self.said(probe, "truncated 0")
                server.end()

    def test_renegotiation_by_server(self):
        """One wish is declined by a warning and the session goes on; openssl then gives up or asks again."""
        port, server = self.serve("good", "-tls1_2", stdin=True)
        probe = self.visit(port)
        self.said(probe, "opened OK")
        server.process.stdin.write(b"r\n")
        server.process.stdin.flush()
        time.sleep(0.3)
        server.process.stdin.write(b"r\n")
        server.process.stdin.flush()
        self.said(probe, r"truncated \d")
        self.assertEqual(len(re.findall("secured OK", probe.log())), 1)
        self.assertIn("no renegotiation", server.log())

    def test_key_update(self):
        port, server = self.serve("good", "-tls1_3", stdin=True)
        probe = self.visit(port)
        self.said(probe, "opened OK")
        for line in (b"K\n", b"behind it\n"):
            server.process.stdin.write(line)
            server.process.stdin.flush()
            time.sleep(0.1)
        self.said(probe, "heard secured behind it")

    def test_clean_end(self):
        port, _ = self.serve("good", "-www")
        probe = self.visit(port, "say=GET / HTTP/1.0\r\n\r\n")
        self.said(probe, "heard secured HTTP/1.0 200")
        self.said(probe, "truncated 0")

    def test_cut_wire(self):
        port, server = self.serve("good", stdin=True)
        probe = self.visit(port)
        self.said(probe, "opened OK")
        server.kill()
        self.said(probe, "truncated 1")

    def test_client_certificate(self):
        rows = (("client", "OK"), (None, "REFUSED"))
        for certificate, outcome in rows:
            with self.subTest(certificate=certificate):
                port, server = self.serve("good", "-rev", "-tls1_2", "-Verify", "1", "-CAfile", self.authority.ca, "-verify_return_error")
                self.said(self.visit(port, "say=x\n", "times=1", certificate=certificate), f"opened {outcome}")
                server.end()

    # ---- openssl s_client, our server side ----

    def listen(self, certificate="good", *arguments):
        chain, key = self.authority.files[certificate]
        probe = self.launch("listen", PROBE, "listen", f"certificate={chain}", f"key={key}", f"ca={self.authority.ca}", *arguments)
        return int(self.said(probe, r"listening (\d+)").group(1)), probe

    def call(self, port, *options, say=b"ping\n", name=NAME):
        """What `openssl s_client` tells; it leaves a second after it has spoken."""
        program = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", name, "-CAfile",
                                    str(self.authority.ca), *map(str, options)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in say.splitlines(keepends=True):
            time.sleep(0.3)
            try:
                program.stdin.write(line)
                program.stdin.flush()
            except BrokenPipeError:
                break
        time.sleep(0.3)
        try:
            return program.communicate(timeout=10)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            program.kill()
            return program.communicate()[0].decode("utf-8", "replace")

    def test_versions(self):
        port, probe = self.listen()
        for version, good in (("-tls1", 0), ("-tls1_1", 0), ("-tls1_2", 1), ("-tls1_3", 1)):
            with self.subTest(version=version):
                text = self.call(port, version, "-cipher", WEAK, "-verify_return_error", "-verify_hostname", NAME)
                self.assertEqual("Verify return code: 0 (ok)" in text and "Cipher is (NONE)" not in text, bool(good), text[-800:])
                self.assertEqual(bool(re.search(r"alert protocol version|unsupported protocol|no protocols", text)), not good, text[-800:])
        self.assertEqual(len(re.findall("secured OK", probe.log())), 2)

    def test_ciphers(self):
        port, _ = self.listen("rsa")
        for cipher, good in (("ECDHE-RSA-AES256-GCM-SHA384", 1), ("ECDHE-RSA-CHACHA20-POLY1305", 1), ("AES128-SHA", 0),
                             ("ECDHE-RSA-AES128-SHA256", 0), ("AES256-GCM-SHA384", 0), ("NULL-SHA256", 0), ("aNULL", 0)):
            with self.subTest(cipher=cipher):
                text = self.call(port, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
                self.assertEqual(f"Cipher    : {cipher}" in text, bool(good), text[-800:])
                self.assertEqual("handshake failure" in text, not good, text[-800:])

    def test_renegotiation_by_client(self):
        port, probe = self.listen()
        text = self.call(port, "-tls1_2", say=b"ping\nR\nafter\n")
        self.assertIn("RENEGOTIATING", text)
        self.said(probe, "heard secured ping")
        self.assertNotIn("after", probe.log())

    def test_key_update_by_client(self):
        port, probe = self.listen()
        text = self.call(port, "-tls1_3", say=b"K\nafter\n")
        self.assertIn("KEYUPDATE", text)
        self.said(probe, "heard secured after")

    def test_resumption_at_client(self):
        port, probe = self.listen()
        kept = harness.folder("session") / "kept"
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version=version):
                self.call(port, version, "-sess_out", kept)
                self.assertIn("Reused,", self.call(port, version, "-sess_in", kept))
                self.said(probe, "resumed=1")

    def test_protocols(self):
        port, _ = self.listen("good", "alpn=xmpp-server")
        for offered, good in (("xmpp-server", 1), ("http/1.1,xmpp-server", 1), ("sip", 0)):
            with self.subTest(offered=offered):
                text = self.call(port, "-alpn", offered)
                self.assertEqual("ALPN protocol: xmpp-server" in text, bool(good), text[-800:])
                self.assertEqual("no application protocol" in text, not good, text[-800:])

    def test_stapled_to_client(self):
        response = self.authority.response("must")
        port, _ = self.listen("must", f"staple={response}")
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version=version):
                text = self.call(port, version, "-status")
                self.assertIn("OCSP Response Status: successful", text)
                self.assertIn("Cert Status: good", text)

    def test_clients_certificates(self):
        port, probe = self.listen("good", "ask=yes")
        for certificate, word in (("client", "secured OK"), ("expired", "EXPIRED"), ("self", "SELF_SIGNED"), (None, "secured AUTH")):
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest(certificate=certificate, version=version):
                    before = len(probe.log())
                    chain, key = self.authority.files.get(certificate, (None, None))
                    self.call(port, version, *(["-cert", chain, "-key", key] if chain else []))
                    harness.wait_until(lambda: "secured" in probe.log()[before:])
                    self.assertIn(word, probe.log()[before:])

    # ---- STARTTLS, our server side ----

    def example_server(self, tls="required"):
        chain, key = self.authority.files["good"]
        port = harness.free_port()
        program = harness.Program("server", SERVER, "server.conf")
        self.addCleanup(program.end)
        (program.folder / "server.conf").write_text(
            f"domain {NAME}\naccount juliet secret\nlisten 127.0.0.1:{port}\ncertificate {chain}\nkey {key}\ntls {tls}\n"
            "mechanism PLAIN\nmechanism SCRAM-SHA-256\n")
        program.launch().wait_port(port)
        return port

    def stream(self, port):
        """A stream's socket with its features read."""
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.addCleanup(connection.close)
        connection.sendall(STREAM.encode())
        return connection, self.until(connection, b"</stream:features>")

    def until(self, connection, end):
        """What comes up to `end`, or up to the end of the stream."""
        text = b""
        while end not in text:
            try:
                part = connection.recv(4096)
            except (ConnectionError, socket.timeout):
                return text
            if not part:
                return text
            text += part
        return text

    def test_starttls(self):
        port = self.example_server()
        text = self.call(port, "-starttls", "xmpp", "-xmpphost", NAME, "-verify_return_error", "-verify_hostname", NAME, say=b"")
        self.assertIn("Verify return code: 0 (ok)", text)

    def test_starttls_stripped_at_server(self):
        """Whoever is told that there is no STARTTLS and authenticates in the clear is refused."""
        connection, features = self.stream(self.example_server())
        self.assertIn(b"<required/>", features)
        self.assertNotIn(b"PLAIN", features)
        connection.sendall(PLAIN.encode())
        said = self.until(connection, b"</failure>")
        self.assertNotIn(b"<success", said)
        self.assertIn(b"<failure", said)

    def test_injection_behind_starttls(self):
        """What stood in the clear behind the request is said by nobody once TLS stands (CVE-2011-0411's kin). "XC-5.1-09"."""
        port = self.example_server()
        context = ssl.create_default_context(cafile=str(self.authority.ca))
        for behind in (PLAIN, " " + PLAIN, STREAM + PLAIN, "\n" * 5):
            with self.subTest(behind=behind[:8]):
                connection, _ = self.stream(port)
                connection.sendall((STARTTLS + behind).encode())
                self.assertEqual(self.until(connection, b"/>"), PROCEED.encode())
                with context.wrap_socket(connection, server_hostname=NAME) as secured:
                    secured.sendall(STREAM.encode())
                    said = self.until(secured, b"</stream:features>")
                    secured.sendall(b"</stream:stream>")
                    said += self.until(secured, b"</stream:stream>")
                self.assertIn(b"PLAIN", said)
                self.assertFalse(re.search(rb"<success|<failure|stream:error", said), said)

    def test_plaintext_in_place_of_a_handshake(self):
        """Nothing but TLS goes on: "XC-5.1-07", "XC-5.1-08"."""
        port = self.example_server()
        for behind in (PLAIN, STREAM + PLAIN, " " * 5):
            with self.subTest(behind=behind[:8]):
                connection, _ = self.stream(port)
                connection.sendall(STARTTLS.encode())
                self.assertEqual(self.until(connection, b"/>"), PROCEED.encode())
                connection.sendall(behind.encode())
                self.assertNotIn(b"<", self.until(connection, b"never"))

    def test_authenticates_behind_starttls(self):
        port = self.example_server()
        connection, _ = self.stream(port)
        connection.sendall(STARTTLS.encode())
        self.assertIn(b"<proceed", self.until(connection, b"/>"))
        context = ssl.create_default_context(cafile=str(self.authority.ca))
        with context.wrap_socket(connection, server_hostname=NAME) as secured:
            secured.sendall(STREAM.encode())
            self.assertIn(b"PLAIN", self.until(secured, b"</stream:features>"))
            secured.sendall(PLAIN.encode())
            self.assertIn(b"<success", self.until(secured, b"/>"))
        probe = self.launch("client", PROBE, "client", f"port={port}", f"name={NAME}", f"ca={self.authority.ca}", "user=juliet",
                            "password=secret")
        self.said(probe, "ready mechanism=4(.*\n)*closed OK")  # SCRAM-SHA-256, its -PLUS not offered there

    # ---- STARTTLS, our client side ----

    def client_meets(self, handle, *arguments):
        """What a client of ours says in the clear to `handle`, and how it ends."""
        heard = []
        with socket.create_server(("127.0.0.1", 0)) as listening:
            def serve():
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(10)
                    heard.append(self.until(connection, b">"))
                    if STREAM.partition(" ")[0].encode() not in heard[0]:
                        heard.append(self.until(connection, b">"))
                    try:
                        handle(connection, heard)
                    except (OSError, ssl.SSLError):
                        pass
            thread = threading.Thread(target=serve)
            thread.start()
            probe = self.launch("client", PROBE, "client", f"port={listening.getsockname()[1]}", f"name={NAME}", f"ca={self.authority.ca}",
                                "user=juliet", "password=secret", *arguments)
            outcome = self.said(probe, r"closed \w+").group()
            thread.join()
        return b"".join(heard), outcome, probe.log()

    def head(self, features):
        return (f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='{NAME}' "
                f"version='1.0'><stream:features>{features}</stream:features>").encode()

    def test_starttls_stripped_at_client(self):
        def handle(connection, heard):
            connection.sendall(self.head(MECHANISMS))
            heard.append(self.until(connection, b"tls'/>"))
        heard, outcome, _ = self.client_meets(handle)
        self.assertNotIn(b"<auth", heard)
        self.assertNotEqual(outcome, "closed OK")

    def test_starttls_refused(self):
        def handle(connection, heard):
            connection.sendall(self.head(STARTTLS))
            heard.append(self.until(connection, b"tls'/>"))
            connection.sendall(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>" + self.head(MECHANISMS))
            heard.append(self.until(connection, b"never"))
        for arguments in ((), ("tls=optional",)):
            heard, outcome, _ = self.client_meets(handle, *arguments)
            self.assertNotIn(b"<auth", heard)
            self.assertNotEqual(outcome, "closed OK")

    def test_injection_behind_proceed(self):
        """RFC 7590 1: what stands behind `<proceed/>` in the clear is never taken for the server's word."""
        for behind in (self.head(MECHANISMS), b" " * 5, b"\n" * 5, b"<stream:features/>"):
            with self.subTest(behind=behind[:10]):
                def handle(connection, heard):
                    connection.sendall(self.head(STARTTLS))
                    heard.append(self.until(connection, b"tls'/>"))
                    connection.sendall(PROCEED.encode() + behind)
                    heard.append(self.until(connection, b"never"))
                heard, outcome, log = self.client_meets(handle)
                self.assertIn(b"<starttls", heard)
                self.assertNotIn(b"<auth", heard)
                self.assertIn("secured BAD_TLS", log)
                self.assertNotEqual(outcome, "closed OK")

    def test_client_refuses_certificates(self):
        for certificate, reason in (("self", "SELF_SIGNED"), ("expired", "EXPIRED"), ("other", "WRONG_NAME"), ("must", "NO_STAPLE")):
            with self.subTest(certificate=certificate):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.authority.files[certificate])
                secured = []

                def handle(connection, heard):
                    connection.sendall(self.head(STARTTLS))
                    heard.append(self.until(connection, b"tls'/>"))
                    connection.sendall(PROCEED.encode())
                    with context.wrap_socket(connection, server_side=True) as session:
                        secured.append(self.until(session, b"never"))
                _, outcome, log = self.client_meets(handle)
                self.assertIn(reason, log)
                self.assertEqual(outcome, "closed AUTH")
                self.assertNotIn(b"<", b"".join(secured))


if __name__ == "__main__":
    for program in (PROBE, SERVER):
        if not program.is_file():
            harness.skip(f"{program} is not built")
    harness.main("openssl")
