# SPDX-License-Identifier: MIT
"""What servers that federate with the gateway need: names, and the servers themselves, all on loopback."""
import socket
import struct
import threading

import harness
import logins
from harness import Program, free_port

A, SRV = 1, 33


def _name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def _question(packet):
    """(name, type, octets of the question)."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
        at += 1 + packet[at]
    kind, = struct.unpack("!H", packet[at + 1:at + 3])
    return ".".join(labels), kind, packet[12:at + 5]


class Names:
    """A DNS server that knows where the XMPP server of each domain is: `at` (domain to port of 127.0.0.1). The host is
    `localhost` because ejabberd asks the C library for its address."""

    def __init__(self):
        self.at, self.asked = {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _records(self, name, kind):
        service = "_xmpp-server._tcp."
        if kind == SRV and name.startswith(service) and name[len(service):] in self.at:
            return [struct.pack("!HHH", 0, 0, self.at[name[len(service):]]) + _name("localhost")]
        return [bytes([127, 0, 0, 1])] if kind == A and name == "localhost" else []

    def _serve(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            name, kind, question = _question(packet)
            self.asked.append((name, kind))
            records = self._records(name, kind)
            known = records or name == "localhost" or name in self.at
            head = packet[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, len(records), 0, 0)
            self.socket.sendto(head + question + b"".join(
                b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(r)) + r for r in records), peer)

    def close(self):
        self.socket.close()


PROSODY = """\
pidfile = "{folder}/pid"
data_path = "{folder}/data"
run_as_root = true
daemonize = false
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client} }}
s2s_ports = {{ {port} }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "offline", "message", "presence", "tls", "s2s", {modules} }}
modules_disabled = {{ "http", "carbons" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
s2s_require_encryption = true
s2s_secure_auth = {strict}
ssl = {{ certificate = "{certificate}", key = "{key}", cafile = "{ca}" }}
unbound = {{ resolvconf = false, hoststxt = false, forward = {{ "127.0.0.1@{names}" }},
  options = {{ ["do-not-query-localhost:"] = "no", ["module-config:"] = "iterator" }} }}
log = {{ debug = "*console" }}
VirtualHost "{domain}"
"""


class Prosody(Program):
    """Prosody as a server among others. `strict`: EXTERNAL alone; else dialback where that does not do."""

    def __init__(self, domain, names, authority, certificate, strict=False, users=("juliet",)):
        super().__init__("prosody", "prosody", "-F", "--config", "prosody.cfg.lua")
        self.client_port, self.port, self.domain = free_port(), free_port(), domain
        names.at[domain] = self.port
        (self.folder / "prosody.cfg.lua").write_text(PROSODY.format(
            folder=self.folder, client=self.client_port, port=self.port, domain=domain, names=names.port, ca=authority.file,
            certificate=certificate[0], key=certificate[1], strict=str(strict).lower(),
            modules='"s2s_auth_certs"' + ('' if strict else ', "dialback"')))
        accounts = self.folder / "data" / domain.replace(".", "%2e") / "accounts"
        accounts.mkdir(parents=True)
        for user in users:
            (accounts / f"{harness.encode(user)}.dat").write_text('return {\n\t["password"] = "secret";\n};\n')

    def start(self):
        self.launch()
        self.wait_port(self.port)
        self.wait_port(self.client_port)
        return self


EJABBERD = """\
hosts: ["{domain}"]
loglevel: debug
certfiles: ["{certificate}", "{key}"]
ca_file: "{ca}"
s2s_cafile: "{ca}"
s2s_use_starttls: required
outgoing_s2s_families: [ipv4]
auth_method: internal
auth_password_format: plain
listen:
  - {{ip: "127.0.0.1", port: {client}, module: ejabberd_c2s, access: all, starttls: false}}
  - {{ip: "127.0.0.1", port: {port}, module: ejabberd_s2s_in}}
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_offline: {{}}
{modules}"""


class Ejabberd(logins.Ejabberd):
    """ejabberd likewise."""

    def __init__(self, domain, names, authority, certificate, strict=False, users=("juliet",)):
        made = " ".join(f'ok = ejabberd_auth:try_register(<<"{user}">>, <<"{domain}">>, <<"secret">>),' for user in users)
        Program.__init__(self, "ejabberd", "erl", "-noinput", "-mnesia", "dir", '"spool"', "-ejabberd", "quiet", "true", "-eval",
                         f"{{ok, _}} = application:ensure_all_started(ejabberd), {made} file:write_file(\"ready\", <<>>).")
        self.client_port, self.port, self.domain = free_port(), free_port(), domain
        names.at[domain] = self.port
        (self.folder / "spool").mkdir()
        (self.folder / "ejabberd.yml").write_text(EJABBERD.format(
            domain=domain, client=self.client_port, port=self.port, ca=authority.file, certificate=certificate[0],
            key=certificate[1], modules="" if strict else "  mod_s2s_dialback: {}\n"))
        (self.folder / "inetrc").write_text(f'{{lookup, [dns]}}.\n{{resolv_conf, ""}}.\n{{nameserver, {{127,0,0,1}}, {names.port}}}.\n')
        self.environment = {"EJABBERD_CONFIG_PATH": self.folder / "ejabberd.yml", "EJABBERD_LOG_PATH": self.folder / "log",
                            "ERL_INETRC": self.folder / "inetrc", "ERL_CRASH_DUMP": "/dev/null", "HOME": self.folder,
                            "ERL_LIBS": self.libraries()}

    def start(self):
        super().start()
        self.wait_port(self.client_port)
        return self


class Gateway(harness.Gateway):
    """A gateway whose SIP domain is an XMPP server itself."""

    def __init__(self, domain, names, authority, certificate, sip_route, dialback=False, options=()):
        self.port, self.s2s_port, self.domain = free_port(), free_port(), domain
        names.at[domain] = self.s2s_port
        Program.__init__(self, "gateway", harness.gateway_path(), "--sip-listen", f"udp:127.0.0.1:{self.port}", "--sip-route",
                         f"{domain}={sip_route}", "--xmpp-federate", domain, "--xmpp-s2s-listen", f"127.0.0.1:{self.s2s_port}",
                         "--xmpp-domain", "any", "--certificate", certificate[0], "--key", certificate[1], "--ca", authority.file,
                         "--dns", f"127.0.0.1:{names.port}", "--dialback", "on" if dialback else "off", "--backoff-max", "1000",
                         *options)
        self.arguments += ["--trace", str(self.folder / "trace")]

    def events(self, event, remote):
        """The log's lines of an event about a domain."""
        return [line for line in self.log().split("\n") if f" {event} " in line and f" remote={remote} " in line]
