# SPDX-License-Identifier: MIT
"""What the tests of federation need: a DNS server, servers of others that federate, and our federation as a program."""
import os
import pathlib
import socket
import struct
import subprocess
import threading

import harness
import logins
from harness import Program, free_port

OURS = "stox.example"


class Names:
    """A DNS server on loopback: addresses, and SRV records with port by name; everything else does not exist."""

    def __init__(self, port=0):
        self.ports, self.socket = {}, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def set(self, domain, port, service="_xmpp-server"):
        self.ports[f"{service}._tcp.{domain}"] = (domain, port)
        self.ports.setdefault(domain, None)

    def answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += query[at] + 1
        kind, name, data = struct.unpack(">H", query[at + 1:at + 3])[0], ".".join(labels).lower(), None
        if kind == 33 and self.ports.get(name):
            domain, port = self.ports[name]
            data = struct.pack(">HHH", 0, 0, port) + b"".join(bytes([len(l)]) + l.encode() for l in domain.split(".")) + b"\0"
        elif kind == 1 and name in self.ports and not name.startswith("_"):
            data = bytes([127, 0, 0, 1])
        record = b"" if data is None else b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 1, len(data)) + data
        code = 0 if name in self.ports else 3
        return query[:2] + bytes([0x85, 0x80 | code]) + struct.pack(">HHHH", 1, data is not None, 0, 0) + query[12:at + 5] + record

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), peer)


def system_names():
    """A DNS server that the whole namespace asks; None where that cannot be had."""
    if not os.environ.get(harness.ISOLATED) or os.getuid() != 0:
        return None
    path = harness.folder("names") / "resolv.conf"
    path.write_text("nameserver 127.0.0.1\n")
    if subprocess.run(["mount", "--bind", path, "/etc/resolv.conf"], capture_output=True).returncode != 0:
        return None
    try:
        return Names(53)
    except OSError:
        return None


def self_signed(domain):
    """(certificate, key) that no authority vouches for."""
    path = harness.folder("self")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={domain}", "-addext", f"subjectAltName=DNS:{domain}", "-keyout", "key", "-out", "crt"],
                   cwd=path, check=True, capture_output=True)
    return path / "crt", path / "key"


class Federation(Program):
    """Ours, for OURS; sends as soon as it can, and says what happens. Its ports stay, since others remember them."""
    port = tls_port = None

    def __init__(self, names, remote, certificate, authority, **more):
        Federation.port, Federation.tls_port = Federation.port or free_port(), Federation.tls_port or free_port()
        words = {"local": OURS, "remote": remote, "port": self.port, "tls-port": self.tls_port, "dns": f"127.0.0.1:{names.port}",
                 "certificate": certificate[0], "key": certificate[1], "ca": authority, **more}
        super().__init__("federation", logins.built("interop_probe_federation"), *(f"{name}={value}" for name, value in words.items()))
        names.set(OURS, self.port)

    def lines(self):
        return [line.split() for line in (self.folder / "out").read_text("utf-8").splitlines()]

    def start(self):
        self.launch()
        return self

    def wait(self, *words):
        """The first line that begins so."""
        def find():
            if not self.alive():
                raise AssertionError(f"it ended with {self.process.returncode}:\n{self.log()}")
            return next((line for line in self.lines() if line[:len(words)] == list(words)), None)
        return harness.wait_until(find, 15, " ".join(words))

    def stop(self):
        status = self.end()
        if status != 0 or self.lines()[-1] != ["STOPPED"]:
            raise AssertionError(f"it ended with {status}:\n{self.log()[-8000:]}")


PROSODY = """\
pidfile = "{folder}/pid"
data_path = "{folder}/data"
run_as_root = true
daemonize = false
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client} }}
s2s_ports = {{ {port} }}
s2s_direct_tls_ports = {{ {direct} }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "offline", "message", "presence", "tls", "s2s", "dialback" }}
modules_disabled = {{ "http", "carbons" }}
s2s_require_encryption = true
s2s_secure_auth = {strict}
authentication = "internal_plain"
ssl = {{ certificate = "{certificate}", key = "{key}", cafile = "{ca}" }}
unbound = {{ resolvconf = false, hoststxt = false, forward = {{ "127.0.0.1@{dns}" }},
  options = {{ ["do-not-query-localhost:"] = "no", ["module-config:"] = "iterator" }} }}
log = {{ debug = "*console" }}
VirtualHost "{domain}"
"""


class Prosody(Program):
    """Prosody with federation."""
    domain = "prosody.example"

    def __init__(self, names, certificate, authority, strict=False):
        super().__init__("prosody", "prosody", "-F", "--config", "prosody.cfg.lua")
        self.client_port, self.port, self.tls_port = free_port(), free_port(), free_port()
        (self.folder / "prosody.cfg.lua").write_text(PROSODY.format(
            folder=self.folder, client=self.client_port, port=self.port, direct=self.tls_port, strict="true" if strict else "false",
            certificate=certificate[0], key=certificate[1], ca=authority, dns=names.port, domain=self.domain))
        accounts = self.folder / "data" / self.domain.replace(".", "%2e") / "accounts"
        accounts.mkdir(parents=True)
        (accounts / "juliet.dat").write_text('return {\n\t["password"] = "secret";\n};\n')
        names.set(self.domain, self.port)

    def start(self):
        self.launch()
        self.wait_port(self.port)
        return self

    def kept(self):
        """What waits for juliet."""
        path = self.folder / "data" / self.domain.replace(".", "%2e") / "offline" / "juliet.list"
        return path.read_text("utf-8") if path.exists() else ""


EJABBERD = """\
hosts: ["{domain}"]
loglevel: debug
certfiles: ["{certificate}", "{key}"]
ca_file: "{ca}"
s2s_cafile: "{ca}"
s2s_use_starttls: required
auth_method: internal
listen:
  - {{ip: "127.0.0.1", port: {port}, module: ejabberd_s2s_in}}
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_offline: {{}}
  mod_s2s_dialback: {{}}
"""


class Ejabberd(logins.Ejabberd):
    """ejabberd with federation. It asks the system's DNS server alone."""
    domain = "ejabberd.example"

    def __init__(self, names, certificate, authority):
        made = f'ok = ejabberd_auth:try_register(<<"juliet">>, <<"{self.domain}">>, <<"secret">>),'
        Program.__init__(self, "ejabberd", "erl", "-noinput", "-mnesia", "dir", '"spool"', "-ejabberd", "quiet", "true", "-eval",
                         f'{{ok, _}} = application:ensure_all_started(ejabberd), {made} file:write_file("ready", <<>>).')
        self.port = free_port()
        (self.folder / "spool").mkdir()
        (self.folder / "ejabberd.yml").write_text(EJABBERD.format(
            domain=self.domain, port=self.port, ca=authority, certificate=certificate[0], key=certificate[1]))
        self.environment = {"EJABBERD_CONFIG_PATH": self.folder / "ejabberd.yml", "EJABBERD_LOG_PATH": self.folder / "log",
                            "ERL_CRASH_DUMP": "/dev/null", "HOME": self.folder, "ERL_LIBS": self.libraries(),
                            "ERL_INETRC": pathlib.Path("/etc/ejabberd/inetrc")}
        names.set(self.domain, self.port)
