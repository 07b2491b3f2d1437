# SPDX-License-Identifier: MIT
"""What the tests of clients need: certificates, the example server, servers of others with TLS, and clients that do what they are told."""
import os
import pathlib
import signal
import socket
import subprocess
import threading

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

import harness
import xmppclient
from cutproxy import Proxy
from harness import Program, folder, free_port

DOMAIN = "xmpp.example"
PASSWORD = "pencil & <\u00fc>"
SERVICE = "bot.xmpp.example"


def built(name):
    return pathlib.Path(os.environ.get("STOX_BIN", "build/dev/bin")).absolute() / name


class Authority:
    """A certification authority, and certificates that it makes."""

    def __init__(self):
        self.folder = folder("authority")
        self.file = self.folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                      "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def _certificate(self, name, alternative, days="2"):
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={alternative}\nbasicConstraints=CA:FALSE\n"
                                                 "extendedKeyUsage=serverAuth,clientAuth\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.crt")
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def domain(self, domain):
        """(certificate, key): files that prove a domain."""
        return self._certificate(domain, f"DNS:{domain}")

    def user(self, user):
        """The same of a client (RFC 6120 13.7.1.2)."""
        return self._certificate(user, f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{user}@{DOMAIN}")


class Server(Program):
    """The example server."""

    def __init__(self, authority=None, users=("juliet", "romeo"), more=()):
        super().__init__("server", built("stox-example-server"), "config")
        self.port, self.tls_port, self.component_port = free_port(), free_port(), free_port()
        lines = [f"domain {DOMAIN}", f"listen 127.0.0.1:{self.port}", f"component-listen 127.0.0.1:{self.component_port}",
                 f"component {SERVICE} {harness.SECRET}"]
        lines += [f"account {user} {PASSWORD}" for user in users]
        if authority is None:
            lines.append("tls none")
        else:
            certificate, key = authority.domain(DOMAIN)
            lines += [f"tls-listen 127.0.0.1:{self.tls_port}", f"certificate {certificate}", f"key {key}",
                      f"ca {authority.file}"]
        (self.folder / "config").write_text("\n".join([*lines, *more]) + "\n", "utf-8")

    def start(self):
        self.launch()

        def is_ready():
            if not self.alive():
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            return "ready" in (self.folder / "out").read_text("utf-8")
        harness.wait_until(is_ready, 20, "the server being ready")
        return self

    def stop(self):
        """Ends it in good order, and says so when it was not in good order."""
        status = self.end()
        if status != 0:
            raise AssertionError(f"the server ended with {status}:\n{self.log()[-8000:]}")
        if PASSWORD in self.log():
            raise AssertionError("the log holds a password")


PROSODY = """\
pidfile = "{folder}/pid"
data_path = "{folder}/data"
run_as_root = true
daemonize = false
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client} }}
c2s_direct_tls_ports = {{ {direct} }}
s2s_ports = {{ }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "offline", "message", "presence", "tls" }}
modules_disabled = {{ "s2s", "http", "carbons" }}
c2s_require_encryption = true
authentication = "internal_hashed"
password_hash = "{hash}"
ssl = {{ certificate = "{certificate}", key = "{key}" }}
log = {{ debug = "*console" }}
VirtualHost "{domain}"
"""


class Prosody(Program):
    """Prosody with TLS for clients."""

    def __init__(self, authority, users=("juliet",), hash_name="SHA-1"):
        super().__init__("prosody", "prosody", "-F", "--config", "prosody.cfg.lua")
        self.port, self.tls_port = free_port(), free_port()
        certificate, key = authority.domain(DOMAIN)
        (self.folder / "prosody.cfg.lua").write_text(PROSODY.format(
            folder=self.folder, client=self.port, direct=self.tls_port, domain=DOMAIN, certificate=certificate, key=key,
            hash=hash_name))
        accounts = self.folder / "data" / DOMAIN.replace(".", "%2e") / "accounts"
        accounts.mkdir(parents=True)
        for user in users:
            (accounts / f"{harness.encode(user)}.dat").write_text(f'return {{\n\t["password"] = "{PASSWORD}";\n}};\n', "utf-8")

    def start(self):
        if self.process is None:
            self.launch()
        self.wait_port(self.port)
        return self


EJABBERD = """\
hosts: ["{domain}"]
loglevel: debug
certfiles: ["{certificate}", "{key}"]
ca_file: "{ca}"
auth_method: internal
auth_password_format: scram
auth_scram_hash: {hash}
listen:
  - {{ip: "127.0.0.1", port: {client}, module: ejabberd_c2s, access: all, starttls_required: true}}
  - {{ip: "127.0.0.1", port: {direct}, module: ejabberd_c2s, access: all, tls: true}}
  - {{ip: "127.0.0.1", port: {component}, module: ejabberd_service, access: all, hosts: {{"{service}": {{password: "{secret}"}}}}}}
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_offline: {{}}
"""


class Ejabberd(Program):
    """ejabberd with TLS for clients and a port for components; run by Erlang itself, without a name in any network."""

    def __init__(self, authority, users=("juliet",), hash_name="sha", service=SERVICE):
        made = " ".join(f'ok = ejabberd_auth:try_register(<<"{user}">>, <<"{DOMAIN}">>, unicode:characters_to_binary('
                        f'[{",".join(str(ord(c)) for c in PASSWORD)}])),' for user in users)
        super().__init__("ejabberd", "erl", "-noinput", "-mnesia", "dir", '"spool"', "-ejabberd", "quiet", "true", "-eval",
                         f"{{ok, _}} = application:ensure_all_started(ejabberd), {made} file:write_file(\"ready\", <<>>).")
        self.port, self.tls_port, self.component_port = free_port(), free_port(), free_port()
        certificate, key = authority.domain(DOMAIN)
        (self.folder / "spool").mkdir()
        (self.folder / "ejabberd.yml").write_text(EJABBERD.format(
            domain=DOMAIN, client=self.port, direct=self.tls_port, component=self.component_port, ca=authority.file,
            certificate=certificate, key=key, hash=hash_name, service=service, secret=harness.SECRET))
        self.environment = {"EJABBERD_CONFIG_PATH": self.folder / "ejabberd.yml", "EJABBERD_LOG_PATH": self.folder / "log",
                            "ERL_CRASH_DUMP": "/dev/null", "HOME": self.folder, "ERL_LIBS": self.libraries()}

    @staticmethod
    def libraries():
        """Where the package keeps its modules; None: it is not installed."""
        found = sorted(pathlib.Path("/usr/lib").glob("*/ejabberd-*/ebin"))
        return found[-1].parent.parent if found else None

    def launch(self):
        kept = dict(os.environ)
        os.environ.update({key: str(value) for key, value in self.environment.items()})
        try:
            return super().launch()
        finally:
            os.environ.clear()
            os.environ.update(kept)

    def log(self):
        path = self.folder / "log"
        return super().log() + (path.read_text("utf-8", "replace") if path.exists() else "")

    def start(self):
        if self.process is None:
            self.launch()
        self.wait_port(self.port)
        harness.wait_until((self.folder / "ready").exists, 20, "the users of ejabberd")
        return self

    def end(self, number=signal.SIGKILL, timeout=15.0):
        return super().end(number, timeout)


class Peer(Program):
    """A client that logs in, sends, waits, closes; `lines` are what it said, split in words."""

    def __init__(self, which, port, user="juliet", password=PASSWORD, **more):
        words = {"port": port, "domain": DOMAIN, "user": user, "password": password, **more}
        super().__init__(which, built(f"peer_{which}"), *(f"{name}={value}" for name, value in words.items()))

    def lines(self):
        return [line.split(" ", 3) for line in (self.folder / "out").read_text("utf-8", "replace").splitlines()]

    def said(self, word):
        return [line[1:] for line in self.lines() if line[0] == word]

    def wait(self, word, count=1, timeout=15.0):
        """Waits until it has said `word` so often."""
        try:
            harness.wait_until(lambda: len(self.said(word)) >= count or not self.alive(), timeout, word)
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.log()}") from None
        if len(self.said(word)) < count:
            raise AssertionError(f"no {word}:\n{self.log()}")
        return self.said(word)

    def finish(self, timeout=20.0):
        """Waits for its end; the lines that it said."""
        self.process.wait(timeout)
        self.end()
        return self.lines()


def login(which, port, **more):
    """Runs a client to its end."""
    return Peer(which, port, **more).launch().finish()


class User(xmppclient.Client):
    """slixmpp likewise. `ended`: what kept it from logging in, or ended it."""

    def __init__(self, port, ca=None, user="juliet", resource="balcony", password=PASSWORD, mechanism=None, wait=True):
        self.ca, self.password, self.mechanism, self.wait_for_it, self.ended = ca, password, mechanism, wait, []
        try:
            super().__init__(port, user, resource)
        except AssertionError:
            if wait:
                raise AssertionError(f"{user} could not log in: {self.ended}") from None

    def connect(self):
        if self.wait_for_it:
            super().connect()
        else:
            xmppclient._on_loop(self._connect())

    async def _connect(self):
        client = slixmpp.ClientXMPP(self.jid, self.password, sasl_mech=self.mechanism)
        client.loop, client.ca_certs = xmppclient._loop, self.ca and str(self.ca)
        client.register_plugin("xep_0199")
        for name in ("message", "presence", "iq"):
            client.register_handler(Callback(f"stox {name}", MatchXPath(xmppclient.CLIENT + name), self._got))
        client.add_event_handler("session_start", self._started)
        for event in ("failed_auth", "stream_error", "ssl_invalid_chain", "disconnected"):
            client.add_event_handler(event, lambda data, event=event: self._end(event, data))
        client.connect(("127.0.0.1", self.port), disable_starttls=self.ca is None)
        self.client = client

    def _end(self, event, data):
        with self.changed:
            self.ended.append((event, data["condition"] if event in ("failed_auth", "stream_error") else str(data)))
            self.changed.notify_all()

    def wait_end(self, event, timeout=10.0):
        """The first end of that kind."""
        def found():
            return [data for name, data in self.ended if name == event]
        with self.changed:
            if not self.changed.wait_for(found, timeout):
                raise AssertionError(f"no {event}: {self.ended}")
            return found()[0]

    async def _close(self):
        try:
            await super()._close()
        except AttributeError:
            pass  # slixmpp cannot abort what TLS has ended already


class Component:
    """A component on slixmpp that says each message back."""

    def __init__(self, port, domain=SERVICE, secret=harness.SECRET):
        self.port, self.domain, self.secret = port, domain, secret
        self.online, self.gone, self.errors = threading.Event(), threading.Event(), []
        xmppclient._on_loop(self._connect())

    async def _connect(self):
        component = slixmpp.ComponentXMPP(self.domain, self.secret, "127.0.0.1", self.port)
        component.loop = xmppclient._loop
        component.add_event_handler("session_start", lambda _: self.online.set())
        component.add_event_handler("disconnected", lambda _: self.gone.set())
        component.add_event_handler("stream_error", lambda error: self.errors.append(error["condition"]))
        component.add_event_handler("message", self._got)
        component.connect()
        self.component = component

    def _got(self, message):
        if message["type"] != "error":
            message.reply(f"{message['body']}, says {message['to']}").send()

    def close(self):
        xmppclient._on_loop(self._close())

    async def _close(self):
        self.component.abort()


class Trickle(Proxy):
    """A proxy that passes one octet at a time."""

    def _copy(self, source, sink, direction):
        try:
            while octets := source.recv(65536):
                for at in range(len(octets)):
                    sink.sendall(octets[at:at + 1])
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Wire:
    """A socket that speaks XMPP by hand."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.heard = b""

    def say(self, text):
        self.socket.sendall(text.encode())
        return self

    def header(self, to=DOMAIN, namespace="jabber:client", more="version='1.0'"):
        return self.say(f"<?xml version='1.0'?><stream:stream xmlns='{namespace}' to='{to}' {more} "
                        "xmlns:stream='http://etherx.jabber.org/streams'>")

    def until(self, text):
        """Reads until `text` has come, or the end; what came since the last call."""
        before = len(self.heard)
        while text.encode() not in self.heard[before:]:
            octets = self.socket.recv(65536)
            if not octets:
                raise AssertionError(f"no {text}: {self.heard!r}")
            self.heard += octets
        return self.heard[before:].decode()

    def rest(self):
        """All that comes until the server ends the connection."""
        before = len(self.heard)
        while octets := self.socket.recv(65536):
            self.heard += octets
        self.socket.close()
        return self.heard[before:].decode()
