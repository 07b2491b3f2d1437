# SPDX-License-Identifier: MIT
"""A TCP proxy that stops or breaks a stream at a chosen octet."""
import socket
import threading


class Proxy:
    """Between a component and its server. `rule` = (direction "up" or "down", octets, where "before" or "after", what "hold" or
    "cut"): at the first time the octets pass in that direction, everything up to (or including) them goes on, the rest is held
    until `release` or both sides are cut. A rule is used once; `met` says that it was."""

    def __init__(self, port):
        self.target, self.rule, self.met = port, None, threading.Event()
        self.free, self.pairs, self.lock, self.running = threading.Event(), [], threading.Lock(), True
        self.free.set()
        self.accepting = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.running = False
        self.listener.close()
        self.cut()

    def set(self, direction, octets, where, what):
        self.met.clear()
        self.rule = (direction, octets, where, what)

    def release(self):
        self.free.set()

    def cut(self):
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for sock in (sock for pair in pairs for sock in pair):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        self.free.set()

    def _accept(self):
        while self.running:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target)) if self.accepting else None
            except OSError:
                far = None
                if not self.running:
                    return
            if far is None:
                near.close()
                continue
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.pairs.append((near, far))
            threading.Thread(target=self._copy, args=(near, far, "up"), daemon=True).start()
            threading.Thread(target=self._copy, args=(far, near, "down"), daemon=True).start()

    def _copy(self, source, sink, direction):
        tail = b""
        try:
            while data := source.recv(65536):
                at = self._at(tail, data, direction)
                if at is not None:
                    sink.sendall(data[:at])
                    if not self._stop():
                        return
                sink.sendall(data[at or 0:])
                tail = (tail + data)[-256:]
        except OSError:
            pass
        self._end(source, sink)

    def _at(self, tail, data, direction):
        """Where in `data` to stop; the octets looked for may have begun in what went before."""
        if self.rule is None or self.rule[0] != direction:
            return None
        octets, where = self.rule[1:3]
        tail = tail[len(tail) - min(len(tail), len(octets) - 1):]
        found = (tail + data).find(octets)
        if found < 0:
            return None
        return max(found + (len(octets) if where == "after" else 0) - len(tail), 0)

    def _stop(self):
        what, self.rule = self.rule[3], None
        if what == "cut":
            self.cut()
            self.met.set()
            return False
        self.free.clear()
        self.met.set()
        self.free.wait()
        return True

    def _end(self, *sockets):
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
