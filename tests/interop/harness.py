# SPDX-License-Identifier: MIT
"""Starts and ends real servers on loopback, each in its own temporary folder, each by its process id."""
import atexit
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SECRET = "gate way & <secret>"
SIP_DOMAIN, XMPP_DOMAIN = "sip.example", "xmpp.example"
SKIPPED = 77
ISOLATED = "STOX_INTEROP_ISOLATED"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def gateway_path():
    named = os.environ.get("STOX_GATEWAY")
    return pathlib.Path(named or pathlib.Path(os.environ.get("STOX_BIN", "build/dev/bin")) / "stox-gateway").absolute()


def vectors():
    return pathlib.Path(__file__).resolve().parent.parent / "vectors" / "7247"


def isolate():
    """Goes on in a network and process namespace of its own where the system allows it: no port is taken, nothing outlives us."""
    wrap = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.getuid() != 0:
        wrap.insert(1, "-r")
    if os.environ.get(ISOLATED) or not shutil.which("unshare") or not shutil.which("ip"):
        return
    if subprocess.run([*wrap, "ip", "link", "set", "lo", "up"], capture_output=True).returncode != 0:
        return
    os.environ[ISOLATED] = "1"
    os.execvp(wrap[0], [*wrap, "sh", "-c", 'ip link set lo up && "$@"', "sh", sys.executable, *sys.argv])


def main(*programs):
    """Runs the tests of the calling file; ends with 77 when something that it needs is absent."""
    if not gateway_path().is_file():
        skip(f"{gateway_path()} is not built")
    for program in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            skip(f"{program} is not installed")
    isolate()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    unittest.main(module="__main__", verbosity=2)


def free_port():
    """A port of 127.0.0.1 that is free for UDP and for TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            try:
                datagram.bind(stream.getsockname())
            except OSError:
                continue
            return stream.getsockname()[1]


def wait_until(question, timeout=10.0, what="it"):
    """The first true answer to `question`."""
    end = time.monotonic() + timeout
    while not (found := question()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen in {timeout} s")
        time.sleep(0.01)
    return found


_scratch = []
_counter = itertools.count(1)


def folder(name):
    if not _scratch:
        _scratch.append(pathlib.Path(tempfile.mkdtemp(prefix="stox-interop-")))
        atexit.register(shutil.rmtree, _scratch[0], ignore_errors=True)
    path = _scratch[0] / f"{next(_counter)}-{name}"
    path.mkdir()
    return path


class Program:
    """A process that writes to log files of its own."""
    running = []

    def __init__(self, name, *arguments):
        self.arguments, self.folder, self.process = [str(item) for item in arguments], folder(name), None

    def launch(self):
        self.out, self.err = open(self.folder / "out", "ab"), open(self.folder / "err", "ab")
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err,
                                        cwd=self.folder, start_new_session=True)
        Program.running.append(self)
        return self

    def log(self):
        return "".join((self.folder / name).read_text("utf-8", "replace") for name in ("out", "err"))

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def wait_port(self, port):
        def is_open():
            if not self.alive():
                raise AssertionError(f"{self.arguments[0]} ended with {self.process.returncode}:\n{self.log()[-4000:]}")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(is_open, what=f"{self.arguments[0]} listening")

    def end(self, number=signal.SIGTERM, timeout=15.0):
        """Sends a signal and waits; returns the exit status."""
        if self.process is None:
            return None
        if self.alive():
            self.process.send_signal(number)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # what it has forked
        except ProcessLookupError:
            pass
        if self in Program.running:
            Program.running.remove(self)
        self.out.close()
        self.err.close()
        return self.process.returncode

    def kill(self):
        return self.end(signal.SIGKILL)


@atexit.register
def _end_all():
    for program in list(Program.running):
        program.kill()


PROSODY = """\
pidfile = "{folder}/pid"
data_path = "{folder}/data"
certificates = "{folder}"
run_as_root = true
daemonize = false
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client} }}
component_ports = {{ {component} }}
s2s_ports = {{ }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "offline", "message", "presence" }}
modules_disabled = {{ "s2s", "tls", "http", "carbons" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
component_interfaces = {{ "127.0.0.1" }}
log = {{ info = "*console" }}
VirtualHost "{domain}"
Component "{sip_domain}"
  component_secret = "{secret}"
"""


class Prosody(Program):
    """Prosody with the users of `users` (name to password), the gateway's component, no federation."""

    def __init__(self, users=("juliet", "nurse")):
        super().__init__("prosody", "prosody", "-F", "--config", "prosody.cfg.lua")
        self.client_port, self.component_port = free_port(), free_port()
        (self.folder / "prosody.cfg.lua").write_text(PROSODY.format(
            folder=self.folder, client=self.client_port, component=self.component_port, domain=XMPP_DOMAIN,
            sip_domain=SIP_DOMAIN, secret=SECRET))
        accounts = self.folder / "data" / XMPP_DOMAIN.replace(".", "%2e") / "accounts"
        accounts.mkdir(parents=True)
        for user in users:
            (accounts / f"{encode(user)}.dat").write_text('return {\n\t["password"] = "secret";\n};\n')

    def start(self):
        self.launch()
        self.wait_port(self.component_port)
        self.wait_port(self.client_port)
        return self

    def offline(self, user):
        """What is kept for a user who is away, as text."""
        path = self.folder / "data" / XMPP_DOMAIN.replace(".", "%2e") / "offline" / f"{encode(user)}.list"
        return path.read_text("utf-8") if path.exists() else ""


def encode(name):
    """A name as Prosody's file store spells it."""
    return "".join(chr(octet) if chr(octet).isascii() and chr(octet).isalnum() else f"%{octet:02x}" for octet in name.encode())


KAMAILIO = """\
debug=1
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
alias="{sip_domain}"
dns=no
rev_dns=no
tcp_rd_buf_size=65536
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
request_route {{
  if (!mf_process_maxfwd_header("10")) {{
    sl_send_reply("483", "Too Many Hops");
    exit;
  }}
  if ($rm == "REGISTER") {{
    save("location");
    exit;
  }}
  if ($rU == "again") {{
    $du = "sip:127.0.0.1:{gateway};transport={transport}";
    t_relay();
    exit;
  }}
  if ($rU == "back") {{
    $ru = "sip:juliet@{xmpp_domain}";
  }}
  if ($rd == "{xmpp_domain}") {{
    $du = "sip:127.0.0.1:{gateway};transport={transport}";
    t_relay();
    exit;
  }}
  if ($rd != "{sip_domain}") {{
    sl_send_reply("403", "Relaying Denied");
    exit;
  }}
  if (!lookup("location")) {{
    sl_send_reply("404", "Not Found");
    exit;
  }}
  t_relay();
}}
"""


class Kamailio(Program):
    """A registrar and proxy of the SIP domain, which sends the XMPP domain on to the gateway. What comes for the user
    `again` goes to the gateway as it is, what comes for `back` goes to juliet: loops."""

    def __init__(self, gateway_port, transport="udp"):
        super().__init__("kamailio", "kamailio", "-f", "kamailio.cfg", "-DD", "-E", "-m", "64", "-M", "8", "-Y", ".")
        self.port = free_port()
        (self.folder / "kamailio.cfg").write_text("#!KAMAILIO\n" + KAMAILIO.format(
            sip_domain=SIP_DOMAIN, xmpp_domain=XMPP_DOMAIN, port=self.port, gateway=gateway_port, transport=transport))

    def start(self):
        self.launch()
        self.wait_port(self.port)
        return self


class Gateway(Program):
    """The gateway under test."""

    def __init__(self, xmpp_port, sip_route=None, options=(), port=None):
        self.port = port or free_port()
        secret = folder("secret") / "secret"
        secret.write_text(SECRET + "\n")
        arguments = ["--sip-listen", f"udp:127.0.0.1:{self.port}", "--sip-listen", f"tcp:127.0.0.1:{self.port}",
                     "--xmpp-server", f"127.0.0.1:{xmpp_port}", "--xmpp-component", SIP_DOMAIN,
                     "--xmpp-secret-file", secret, "--xmpp-domain", XMPP_DOMAIN, "--log", "info"]
        if sip_route:
            arguments += ["--sip-route", f"{SIP_DOMAIN}={sip_route}"]
        super().__init__("gateway", gateway_path(), *arguments, *options)
        self.arguments += ["--trace", str(self.folder / "trace")]

    def start(self, ready=True):
        self.launch()
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, count=1, timeout=20.0):
        def is_ready():
            if not self.alive():
                raise AssertionError(f"the gateway ended with {self.process.returncode}:\n{self.log()}")
            return (self.folder / "out").read_text("utf-8", "replace").splitlines().count("ready") >= count
        wait_until(is_ready, timeout, "the gateway being ready")

    def check(self):
        if not self.alive():
            raise AssertionError(f"the gateway had ended with {self.process.returncode}:\n{self.log()[-8000:]}")

    def stop(self):
        """Ends it in good order, and says so when it was not in good order."""
        self.check()
        status = self.end()
        if status != 0:
            raise AssertionError(f"the gateway ended with {status}:\n{self.log()[-8000:]}")
        if SECRET in self.log():
            raise AssertionError("the log holds the secret")
