# SPDX-License-Identifier: MIT
"""A SIP user agent of a few lines that says and shows exact bytes: for cases that no real client can be made to do."""
import itertools
import os
import re
import selectors
import socket
import threading
import time

_numbers = itertools.count(1)
COMPACT = {"i": "call-id", "m": "contact", "l": "content-length", "c": "content-type", "f": "from", "s": "subject",
           "t": "to", "v": "via", "e": "content-encoding"}


class Message:
    """A parsed SIP message: `start`, `headers` (name in lower case, value) in order, `body`, and the `raw` octets."""

    def __init__(self, raw, transport="", peer=None):
        self.raw, self.transport, self.peer, self.time = raw, transport, peer, time.monotonic()
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("utf-8").split("\r\n")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not re.fullmatch(r"[!%'*+.0-9A-Z_`a-z~-]+\s*", name):
                raise ValueError(f"bad header line {line!r}")
            name = name.strip().lower()
            self.headers.append((COMPACT.get(name, name), value.strip()))

    def __repr__(self):
        return f"<{self.transport} {self.start}>"

    def get(self, name, default=None):
        return next((value for key, value in self.headers if key == name.lower()), default)

    def all(self, name):
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self):
        return self.start.split(" ")[0]

    @property
    def request_uri(self):
        return self.start.split(" ")[1]

    @property
    def code(self):
        return int(self.start.split(" ")[1])

    @property
    def reason(self):
        return self.start.split(" ", 2)[2]

    @property
    def branch(self):
        return re.search(r"branch=([^;,\s]+)", self.get("via")).group(1)

    @property
    def text(self):
        return self.body.decode("utf-8")


def request(to="sip:juliet@xmpp.example", sender="sip:romeo@sip.example", body="Hi", method="MESSAGE", transport="UDP",
            local=("127.0.0.1", 5060), call_id=None, branch=None, cseq=1, tag=None, headers=(), to_header=None,
            content_type="text/plain", max_forwards=70):
    """The octets of a request. A header given as `Name: value` in `headers` is added; None for a value leaves a header out."""
    number = f"{os.getpid()}-{next(_numbers)}-{os.urandom(4).hex()}"
    payload = body.encode() if isinstance(body, str) else body
    host = f"[{local[0]}]" if ":" in local[0] else local[0]
    lines = [f"{method} {to} SIP/2.0",
             f"Via: SIP/2.0/{transport} {host}:{local[1]};branch={branch or 'z9hG4bK' + number}"]
    if max_forwards is not None:
        lines.append(f"Max-Forwards: {max_forwards}")
    lines += [f"From: <{sender}>;tag={tag or 't' + number}", f"To: {to_header or '<' + to + '>'}",
              f"Call-ID: {call_id or 'c' + number}", f"CSeq: {cseq} {method}", *headers]
    if content_type and payload:
        lines.append(f"Content-Type: {content_type}")
    lines.append(f"Content-Length: {len(payload)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


def answer(message, code, reason="Why Not", headers=()):
    """The octets of a response to `message`."""
    lines = [f"SIP/2.0 {code} {reason}"]
    lines += [f"Via: {value}" for value in message.all("via")]
    to = message.get("to")
    lines += [f"From: {message.get('from')}", f"To: {to}" if ";tag=" in to else f"To: {to};tag=uas{next(_numbers)}",
              f"Call-ID: {message.get('call-id')}", f"CSeq: {message.get('cseq')}", *headers, "Content-Length: 0"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def split_stream(data):
    """([whole messages], rest) of the octets of a stream."""
    found = []
    while True:
        data = data.lstrip(b"\r\n")
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return found, data
        length = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", data[:end])
        total = end + 4 + (int(length.group(1)) if length else 0)
        if len(data) < total:
            return found, data
        found.append(data[:total])
        data = data[total:]


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def kind_of(transport):
    return socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM


class Caller:
    """A client with a socket of its own to one server: `send` octets, `receive` the next message."""

    def __init__(self, port, transport="udp", host="127.0.0.1", source="127.0.0.1"):
        self.transport, self.server, self.data, self.waiting = transport, (host, port), b"", []
        self.socket = socket.socket(family(host), kind_of(transport))
        self.socket.bind((source, 0))
        self.socket.connect(self.server)
        self.local = self.socket.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def request(self, **kind):
        return request(transport=self.transport.upper(), local=self.local, **kind)

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, timeout=5.0):
        """The next message, or None when none came in time or the other side closed the stream."""
        end = time.monotonic() + timeout
        while not self.waiting:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                got = self.socket.recv(65536)
            except (TimeoutError, ConnectionError):
                return None
            if self.transport == "udp":
                self.waiting.append(got)
            elif not got:
                return None
            else:
                found, self.data = split_stream(self.data + got)
                self.waiting += found
        return Message(self.waiting.pop(0), self.transport)

    def final(self, timeout=8.0):
        """The next final response."""
        end = time.monotonic() + timeout
        while (message := self.receive(max(end - time.monotonic(), 0.001))) is not None:
            if not message.is_request and message.code >= 200:
                return message
        return None

    def ask(self, timeout=8.0, **kind):
        """Sends a request, returns its final response."""
        self.send(self.request(**kind))
        return self.final(timeout)


class Server:
    """A UAS on one port over UDP and TCP. `reply(message)` gives the code, octets, a list of them, or None for silence.
    `requests` holds what came (responses too), each after it was answered."""

    def __init__(self, reply=lambda message: 200, host="127.0.0.1", port=0, transports=("udp", "tcp")):
        self.reply, self.requests, self.changed = reply, [], threading.Condition()
        self.connections, self.connected, self.running = {}, 0, True
        self.selector = selectors.DefaultSelector()
        self.sockets = []
        for transport in transports:
            sock = socket.socket(family(host), kind_of(transport))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            port = sock.getsockname()[1]
            if transport == "tcp":
                sock.listen()
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ, transport)
            self.sockets.append(sock)
        self.port = port
        self.wake_read, self.wake_write = socket.socketpair()
        self.selector.register(self.wake_read, selectors.EVENT_READ, "wake")
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.running = False
        self.wake_write.send(b"x")
        self.thread.join(5)
        for sock in [*self.sockets, *self.connections, self.wake_read, self.wake_write]:
            sock.close()

    def _run(self):
        while self.running:
            for key, _ in self.selector.select():
                self._ready(key.fileobj, key.data)

    def _ready(self, sock, kind):
        if kind == "udp":
            data, peer = sock.recvfrom(65536)
            self._message(data, "udp", peer, lambda octets: sock.sendto(octets, peer))
        elif kind == "tcp":
            connection, _ = sock.accept()
            self.connections[connection] = b""
            self.connected += 1
            self.selector.register(connection, selectors.EVENT_READ, "stream")
        elif kind == "stream":
            self._stream(sock)

    def _stream(self, sock):
        try:
            data = sock.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            self.drop(sock)
            return
        found, self.connections[sock] = split_stream(self.connections[sock] + data)
        for octets in found:
            self._message(octets, "tcp", sock, sock.sendall)
            if sock not in self.connections:
                return

    def drop(self, sock):
        self.selector.unregister(sock)
        self.connections.pop(sock)
        sock.close()

    def _message(self, data, transport, peer, send):
        if not data.strip():
            return
        message = Message(data, transport, peer)
        if message.is_request and message.method != "ACK":
            reply = self.reply(message)
            for octets in reply if isinstance(reply, list) else [reply]:
                if octets is not None:
                    send(answer(message, octets) if isinstance(octets, int) else octets)
        with self.changed:
            self.requests.append(message)
            self.changed.notify_all()

    def wait(self, count=1, timeout=8.0, match=lambda message: True):
        """The first `count` requests that `match`, fewer when they do not come in time."""
        def found():
            return [message for message in self.requests if match(message)]
        with self.changed:
            self.changed.wait_for(lambda: len(found()) >= count, timeout)
            return found()[:count] if count else found()

    def clear(self):
        with self.changed:
            self.requests.clear()
