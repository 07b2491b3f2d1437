# SPDX-License-Identifier: MIT
"""What SIP over TLS needs in tests: certificates, a DNS server of a few lines, callers, servers and Kamailio with TLS, all on loopback."""
import socket
import ssl
import struct
import subprocess
import threading

import harness
from sipua import Caller, Message, answer, split_stream

LONG_AGO, NOT_LONG_AGO = "20200101000000Z", "20200201000000Z"
A, SRV, NAPTR = 1, 33, 35

CA_FILE = """\
[ca]
default_ca=own
[own]
database={folder}/index
serial={folder}/serial
new_certs_dir={folder}
certificate={folder}/ca.pem
private_key={folder}/ca.key
default_md=sha256
default_days=30
policy=any
unique_subject=no
x509_extensions=added
[any]
commonName=supplied
[added]
subjectAltName={names}
basicConstraints=CA:FALSE
extendedKeyUsage=serverAuth,clientAuth
"""


class Authority:
    """A certification authority; `make` gives (chain, key) of a certificate that it signs, or nobody but itself."""

    def __init__(self):
        self.folder, self.serial = harness.folder("authority"), 16
        self.ca = self.folder / "ca.pem"
        self._self_signed("ca", "/CN=Root", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=self.folder)

    def _self_signed(self, name, subject, *extensions):
        added = [item for extension in extensions for item in ("-addext", extension)]
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                      "-out", f"{name}.pem", "-subj", subject, "-days", 30, *added)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def self_signed(self, name, names):
        return self._self_signed(name, f"/CN={name}", f"subjectAltName={names}")

    def make(self, name, names, begin=None, end=None):
        self.serial += 1
        (self.folder / "serial").write_text(f"{self.serial:04X}\n")
        (self.folder / "index").write_text("")
        (self.folder / "ca.cnf").write_text(CA_FILE.format(folder=self.folder, names=names))
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                      "-out", f"{name}.csr", "-subj", f"/CN={name}")
        dates = ["-startdate", begin, "-enddate", end] if begin else []
        self._openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext", *dates)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


def _labels(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Names:
    """A DNS server: `zone` maps (name, type) to the rdata of its records; what is not there does not exist."""

    def __init__(self):
        self.zone, self.asked = {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.server = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def address(self, name, address):
        self.zone.setdefault((name, A), []).append(socket.inet_aton(address))

    def service(self, name, priority, port, target):
        self.zone.setdefault((name, SRV), []).append(struct.pack("!HHH", priority, 0, port) + _labels(target))

    def pointer(self, name, service, replacement):
        words = b"".join(bytes([len(word)]) + word for word in (b"s", service.encode(), b""))
        self.zone.setdefault((name, NAPTR), []).append(struct.pack("!HH", 10, 10) + words + _labels(replacement))

    def _serve(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            labels, at = [], 12
            while packet[at]:
                labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
                at += 1 + packet[at]
            name, kind = ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0]
            self.asked.append((name, kind))
            records = self.zone.get((name, kind), [])
            known = any(name == known for known, _ in self.zone)
            head = packet[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, len(records), 0, 0)
            self.socket.sendto(head + packet[12:at + 5] + b"".join(
                b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(r)) + r for r in records), peer)

    def close(self):
        self.socket.close()


def context(server, ca, certificate=None):
    """A peer that shows what it is told to and looks at what it is shown."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(ca)
    if certificate:
        made.load_cert_chain(*certificate)
    return made


class SecureCaller(Caller):
    """A caller over TLS from an address that nobody trusts; it wants `name` to be proved."""

    def __init__(self, port, ca, certificate=None, name="xmpp.example", source="127.0.0.9"):
        super().__init__(port, "tcp", source=source)
        self.transport = "tls"
        self.socket.settimeout(10)
        try:
            self.socket = context(False, ca, certificate).wrap_socket(self.socket, server_hostname=name)
        except BaseException:
            self.socket.close()
            raise


class SecureServer:
    """A UAS over TLS: answers each request with 200 and keeps it. `names` are those that its clients ask for (RFC 6066 3)."""

    def __init__(self, certificate, ca, host="127.0.0.1"):
        self.requests, self.names, self.failures, self.changed = [], [], [], threading.Condition()
        self.context = context(True, ca, certificate)
        self.context.sni_callback = lambda sock, name, _: self.names.append(name)
        self.context.verify_mode = ssl.CERT_OPTIONAL
        self.listener = socket.create_server((host, 0))
        self.port, self.peers, self.connections = self.listener.getsockname()[1], [], []
        threading.Thread(target=self._run, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.listener.close()

    def cut(self):
        """Ends all connections as a crash does, and waits until they are gone."""
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections.clear()

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        data = b""
        try:
            with self.context.wrap_socket(connection, server_side=True) as stream:
                self.peers.append(stream.getpeercert())
                self.connections.append(stream)
                while got := stream.recv(65536):
                    found, data = split_stream(data + got)
                    for octets in found:
                        message = Message(octets, "tls")
                        if message.is_request:
                            stream.sendall(answer(message, 200))
                        with self.changed:
                            self.requests.append(message)
                            self.changed.notify_all()
        except (ssl.SSLError, OSError) as error:
            self.failures.append(error)

    def wait(self, count=1, timeout=10.0):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.requests) >= count, timeout):
                raise AssertionError(f"{len(self.requests)} of {count} requests; {self.failures}")
            return list(self.requests)


KAMAILIO_TLS = """\
[server:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = {required}
certificate = {certificate}
private_key = {key}
ca_list = {ca}
[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = {certificate}
private_key = {key}
ca_list = {ca}
"""


class SecureKamailio(harness.Kamailio):
    """Kamailio that speaks to the gateway by TLS alone, and looks at its certificate."""

    def __init__(self, gateway_port, certificate, ca, required=True):
        super().__init__(gateway_port, "tls")
        self.secure_port = harness.free_port()
        config = self.folder / "kamailio.cfg"
        config.write_text(config.read_text().replace("children=2\n", f"children=2\nenable_tls=yes\nlisten=tls:127.0.0.1:{self.secure_port}\n")
                          .replace('loadmodule "tm.so"\n', f'loadmodule "tls.so"\nmodparam("tls", "config", "{self.folder}/tls.cfg")\n'
                                                           'loadmodule "tm.so"\n'))
        (self.folder / "tls.cfg").write_text(KAMAILIO_TLS.format(
            certificate=certificate[0], key=certificate[1], ca=ca, required="yes" if required else "no"))

    def start(self):
        super().start()
        self.wait_port(self.secure_port)
        return self
