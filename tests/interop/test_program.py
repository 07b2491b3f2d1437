# SPDX-License-Identifier: MIT
"""The gateway as a program: options, configuration file, log, trace, ports."""
import json
import re
import subprocess
import time
import unittest

import harness
import xmppstub
from sipua import Caller, Server
from xmppstub import Stub

BODY = "a body that no log may hold \u00fc"


def run(*arguments):
    return subprocess.run([harness.gateway_path(), *map(str, arguments)], capture_output=True, text=True, timeout=10)


class Options(unittest.TestCase):
    def setUp(self):
        self.folder = harness.folder("options")
        self.secret = self.folder / "secret"
        self.secret.write_text(harness.SECRET)
        self.needed = {"sip-listen": f"udp:127.0.0.1:{harness.free_port()}", "xmpp-server": "127.0.0.1:1", "xmpp-component": "sip.example",
                       "xmpp-secret-file": self.secret, "xmpp-domain": "xmpp.example"}

    def given(self, **changed):
        options = {**self.needed, **{name.replace("_", "-"): value for name, value in changed.items()}}
        return [word for name, value in options.items() if value is not None for word in (f"--{name}", value)]

    def refused(self, *arguments, word=""):
        result = run(*arguments)
        self.assertGreater(result.returncode, 0)
        self.assertIn(word, result.stderr)
        self.assertNotIn(harness.SECRET, result.stderr + result.stdout)
        self.assertNotIn("ready", result.stdout)

    def test_help(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        for name in (*self.needed, "xmpp-federate", "xmpp-s2s-listen", "xmpp-route", "dialback", "sip-route", "sip-trust", "log", "config"):
            self.assertIn(f"--{name} ", result.stdout)

    def test_missing(self):
        self.refused()
        for name in self.needed:
            self.refused(*self.given(**{name.replace("-", "_"): None}))

    def test_bad_values(self):
        """Each is refused by the name of its option, before anything is listened on."""
        for name, value in (("sip_listen", "udp:127.0.0.1"), ("sip_listen", "sctp:127.0.0.1:5070"), ("sip_listen", "udp:127.0.0.1:70000"),
                            ("sip_listen", "udp:localhost:5070"), ("sip_listen", "udp:::1:5070"),
                            ("sip_route", "sip.example"), ("sip_route", "sip.example=udp:x:y"), ("sip_route", "=udp:127.0.0.1:5060"),
                            ("sip_listen", "tls:127.0.0.1"), ("sip_route", "sip.example=udp:local host:5060"), ("sip_route", "sip.example=udp:127.0.0.1:0"),
                            ("sip_route", "sip.example=127.0.0.1:5060"), ("sip_route", "sip.example=udp:127.0.0.1"),
                            ("certificate", "x"), ("key", "x"), ("ca", self.folder / "absent"), ("dns", ""), ("dns", "dns.example"),
                            ("sip_route", "a b=udp:127.0.0.1:5060"), ("xmpp_server", "127.0.0.1"), ("xmpp_server", "local host:5347"),
                            ("xmpp_server", "127.0.0.1:0"), ("xmpp_server", "127.0.0.1:1x"), ("xmpp_component", ""),
                            ("xmpp_component", "a b"), ("xmpp_component", "a@b"), ("xmpp_domain", ""), ("xmpp_domain", "a/b"),
                            ("sip_trust", "x"), ("sip_trust", ""), ("sip_trust", "192.0.2.1/33"), ("sip_trust", "::/129"),
                            ("xmpp_secret_file", self.folder / "absent"), ("xmpp_secret_file", self.folder), ("log", "loud"), ("log", ""),
                            ("timer_t1", "x"), ("timer_t1", "0"), ("barrier_timeout", "0"), ("queue_timeout", "-1"),
                            ("backoff_max", "3600001"), ("drain", ""), ("message_type", "x"), ("error_scope", "x"),
                            ("config", self.folder / "absent"), ("config", self.folder), ("trace", self.folder / "absent" / "x"),
                            ("xmpp_federate", "a b"), ("xmpp_federate", "SIP.example"), ("xmpp_s2s_listen", "127.0.0.1"),
                            ("xmpp_s2s_listen", "localhost:5269"), ("xmpp_route", "xmpp.example"), ("xmpp_route", "xmpp.example=x"),
                            ("xmpp_route", "a b=127.0.0.1:5269"), ("xmpp_route", "xmpp.example=tls:127.0.0.1:0"), ("dialback", "maybe"),
                            ("nonsense", "x")):
            with self.subTest(f"{name} {value}"):
                self.refused(*self.given(**{name: value}), word=str(value) if name == "trace" else name.replace("_", "-"))
        self.refused(*self.given(), "--xmpp-component", "SIP.example", word="twice")
        self.refused(*self.given(), "--log", word="--log")
        self.refused(*self.given(), "stray", word="stray")

    def test_federation_needs_a_certificate_and_a_port(self):
        alone = {name: None for name in ("xmpp_server", "xmpp_component", "xmpp_secret_file")}
        listen = f"127.0.0.1:{harness.free_port()}"
        self.refused(*self.given(**alone), word="--xmpp-federate")
        self.refused(*self.given(**alone, xmpp_federate="sip.example"), word="--xmpp-s2s-listen")
        self.refused(*self.given(**alone, xmpp_federate="sip.example", xmpp_s2s_listen=listen), word="--certificate")
        self.refused(*self.given(xmpp_server=None, xmpp_domain="any"), word="--xmpp-component")

    def test_bad_secret_file(self):
        for text in ("", " \n", "x" * 5000):
            self.secret.write_text(text)
            self.refused(*self.given(), word="xmpp-secret-file")

    def test_bad_configuration_file(self):
        """Each is refused by file and line."""
        file = self.folder / "bad.conf"
        for text, line in ((b"log info\nlog\n", 2), (b"\n\ntimer-t1 =\n", 3), (b"--log info\n", 1), (b"log info # loud", 1), (b"log in\0fo\n", 1),
                           (b"config other\n", 1), (b"#" * 4096 + b"\nlog loud\n", 2), (b"log info\n#" + b"#" * 4096 + b"\n", 2),
                           (b"xmpp-domain " + b"a" * 4000, 1)):
            file.write_bytes(text)
            with self.subTest(text[:40]):
                self.refused(*self.given(), "--config", file, word=f"{file}:{line}: ")

    def test_later_value_wins(self):
        file = self.folder / "loud.conf"
        file.write_bytes(b"log info\r\n timer-t1\t=  50 \n")
        self.refused(*self.given(), "--timer-t1", "1", "--config", file, "--log", "loud", word="log loud")

    def test_port_that_is_taken(self):
        with Server(transports=("tcp",)) as taken:
            self.refused(*self.given(sip_listen=f"tcp:127.0.0.1:{taken.port}"), word=f"sip-listen 127.0.0.1, port {taken.port}: in use")

    def test_configuration_file(self):
        with Stub(harness.SECRET) as stub, Server() as uas:
            port = harness.free_port()
            file = self.folder / "gateway.conf"
            file.write_text(f"# the gateway\n\nsip-listen udp:127.0.0.1:{port}\nsip-listen = tcp:127.0.0.1:{port}\n"
                            f"sip-route sip.example=udp:127.0.0.1:{uas.port}\nxmpp-server 127.0.0.1:{stub.port}\n"
                            f"xmpp-component sip.example\nxmpp-secret-file {self.secret}\nxmpp-domain xmpp.example\n")
            gateway = harness.Gateway(stub.port, port=port)
            gateway.arguments = [str(harness.gateway_path()), "--config", str(file)]
            gateway.start()
            for transport in ("udp", "tcp"):
                with Caller(port, transport) as caller:
                    self.assertEqual(caller.ask(body="hello").code, 200)
            self.assertEqual(len(stub.wait(count=2)), 2)
            gateway.stop()
        file.write_text("sip-listen udp:127.0.0.1:5070\nno-such-option 1\n")
        self.refused("--config", file, word="no-such-option")


class LogAndTrace(unittest.TestCase):
    def test_log(self):
        """One line a message with ids, addresses and outcome; no body, no secret, no line of a peer's making."""
        with Stub(harness.SECRET) as stub, Server() as uas:
            gateway = harness.Gateway(stub.port, f"udp:127.0.0.1:{uas.port}").start()
            with Caller(gateway.port) as caller:
                self.assertEqual(caller.ask(body=BODY, call_id="call-one").code, 200)
                self.assertEqual(caller.ask(body=BODY, call_id="call-two", sender="sip:x@other.example").code, 403)
                self.assertEqual(caller.ask(body=BODY, call_id="call-three", max_forwards="x").code, 400)
            stub.send(f"<message from='juliet@xmpp.example/b&quot; evil=&quot;' to='romeo@sip.example' id='line&#10;two \u00fc\u009b1m\u2028'>"
                      f"<body>{BODY}</body></message>")
            self.assertEqual(uas.wait()[0].text, BODY)
            harness.wait_until(lambda: "xmpp-to-sip" in gateway.log(), what="the log line")
            gateway.stop()
        lines = [line for line in gateway.log().splitlines() if " message " in line]
        self.assertEqual(len(lines), 4, lines)
        for line, words in zip(lines, (("way=sip-to-xmpp", "outcome=delivered", "code=200", "from=sip:romeo@sip.example",
                                        "to=sip:juliet@xmpp.example", "call-id=call-one", "id="),
                                       ("way=sip-to-xmpp", "outcome=refused", "code=403", "call-id=call-two"),
                                       ("way=sip-to-xmpp", "outcome=refused", "code=400", "call-id=call-three"),
                                       ("way=xmpp-to-sip", "outcome=delivered", "code=200", "to=romeo@sip.example"))):
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warning) message ")
            for word in words:
                self.assertIn(word, line)
        self.assertNotIn("no log may hold", gateway.log())
        self.assertNotIn(' evil="', gateway.log())
        self.assertIn('id="line\\u000atwo \u00fc\\u009b1m\\u2028"', gateway.log())

    def test_levels(self):
        with Stub(harness.SECRET) as stub:
            gateway = harness.Gateway(stub.port, options=["--log", "warning"]).start()
            with Caller(gateway.port) as caller:
                self.assertEqual(caller.ask(call_id="quiet").code, 200)
                self.assertEqual(caller.ask(call_id="loud", sender="sip:x@other.example").code, 403)
            gateway.stop()
        self.assertNotIn("call-id=quiet", gateway.log())
        self.assertIn("call-id=loud", gateway.log())

    def test_trace(self):
        """What crossed each socket: all of it, in order, by protocol, as JSON lines, whatever the octets are."""
        with Stub(harness.SECRET) as stub, Server() as uas:
            gateway = harness.Gateway(stub.port, f"tcp:127.0.0.1:{uas.port}").start()
            with Caller(gateway.port) as caller:
                caller.send(b"\xff\xfe\0 no SIP")
                self.assertEqual(caller.ask(body="in").code, 200)
            stanza = "<message from='juliet@xmpp.example/b' to='romeo@sip.example'><body>out \u00fc and more</body></message>".encode()
            for at in range(0, len(stanza), 5):
                stub.send(stanza[at:at + 5])
                time.sleep(0.002)
            uas.wait()
            harness.wait_until(lambda: "xmpp-to-sip" in gateway.log(), what="the log line")
            gateway.stop()
        lines = [json.loads(line) for line in (gateway.folder / "trace").read_text("utf-8").split("\n") if line]
        self.assertEqual({frozenset(line) for line in lines}, {frozenset(("t", "dir", "proto", "peer", "bytes"))})
        self.assertEqual([line["t"] for line in lines], sorted(line["t"] for line in lines))
        xmpp = {line["peer"] for line in lines if line["proto"] == "xmpp"}
        self.assertEqual(xmpp, {f"127.0.0.1:{stub.port}"})
        self.assertNotIn(f"127.0.0.1:{stub.port}", {line["peer"] for line in lines if line["proto"] == "sip"})
        incoming = "".join(line["bytes"] for line in lines if line["proto"] == "xmpp" and line["dir"] == "in")
        self.assertIn("juliet@xmpp.example/b", incoming)
        self.assertRegex(incoming, "out .* and more")
        self.assertTrue(any(re.match("MESSAGE sip:romeo@sip.example ", line["bytes"]) and line["peer"] == f"127.0.0.1:{uas.port}" for line in lines))


class Ipv6(unittest.TestCase):
    def setUp(self):
        try:
            Server(host="::1", transports=("udp",)).close()
        except OSError:
            self.skipTest("no IPv6 here")

    def test_both_families(self):
        with Stub(harness.SECRET) as stub:
            port = harness.free_port()
            gateway = harness.Gateway(stub.port, options=["--sip-listen", f"udp:[::1]:{port}", "--sip-listen", f"tcp:[::1]:{port}"]).start()
            for transport in ("udp", "tcp"):
                for host, at in (("127.0.0.1", gateway.port), ("::1", port)):
                    with self.subTest(f"{transport} {host}"), Caller(at, transport, host, host) as caller:
                        self.assertEqual(caller.ask(body=f"{transport} {host}").code, 200)
            self.assertEqual([xmppstub.body(m) for m in stub.wait(count=4)], ["udp 127.0.0.1", "udp ::1", "tcp 127.0.0.1", "tcp ::1"])
            gateway.stop()

    def test_route(self):
        with Stub(harness.SECRET) as stub, Server(host="::1") as uas:
            port = harness.free_port()
            gateway = harness.Gateway(stub.port, f"udp:[::1]:{uas.port}", ["--sip-listen", f"udp:[::1]:{port}", "--sip-listen", f"tcp:[::1]:{port}"])
            gateway.start()
            for text in ("short", "long " * 400):
                stub.send(f"<message from='juliet@xmpp.example/b' to='romeo@sip.example'><body>{text}</body></message>")
                request = uas.wait(match=lambda m: m.text == text)[0]
                self.assertIn(f" [::1]:{port};", request.get("via"))
            harness.wait_until(lambda: gateway.log().count("outcome=delivered") == 2, what="both answers")
            gateway.stop()


if __name__ == "__main__":
    harness.main()
