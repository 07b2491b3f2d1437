# SPDX-License-Identifier: MIT
"""The server's side of XEP-0114 in a few lines, for answers that no real server can be made to give."""
import hashlib
import re
import socket
import threading
import time
import xml.etree.ElementTree as ET

ACCEPT = "{jabber:component:accept}"
PING = "{urn:xmpp:ping}ping"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def error(stanza, condition, kind="cancel", text=""):
    """The error that answers `stanza`, as a server writes it."""
    words = f"<text xmlns='{STANZAS}'>{text}</text>" if text else ""
    name = stanza.tag.removeprefix(ACCEPT)
    return (f"<{name} type='error' id='{stanza.get('id')}' from='{stanza.get('to')}' to='{stanza.get('from')}'>"
            f"<error type='{kind}'><{condition} xmlns='{STANZAS}'/>{words}</error></{name}>")


def pong(stanza):
    return f"<iq type='result' id='{stanza.get('id')}' from='{stanza.get('to')}' to='{stanza.get('from')}'/>"


class Stub:
    """Accepts one component at a time. `reply(stub, stanza)` is called for every stanza and sends what it likes;
    without one, pings are answered at once and nothing else is."""

    def __init__(self, secret, reply=None, port=0):
        self.secret, self.reply, self.changed = secret, reply or self.obedient, threading.Condition()
        self.stanzas, self.streams, self.connection, self.running = [], 0, None, True
        self.reads = threading.Event()  # cleared: the server reads nothing
        self.reads.set()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.running = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.cut()
        self.thread.join(5)

    @staticmethod
    def obedient(stub, stanza):
        if stanza.find(PING) is not None and stanza.get("type") == "get":
            stub.send(pong(stanza))

    def send(self, text):
        connection = self.connection
        if connection is not None:
            try:
                connection.sendall(text.encode() if isinstance(text, str) else text)
            except OSError:
                pass

    def cut(self):
        """Breaks the stream as a crash of the server does."""
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def _run(self):
        while self.running:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connection = connection
            try:
                self._serve(connection)
            except (OSError, ET.ParseError):
                pass
            self.cut()

    def _serve(self, connection):
        parser = ET.XMLPullParser(("start", "end"))
        depth, number = 0, f"stub{self.streams}"
        while data := connection.recv(65536):
            self.reads.wait()
            parser.feed(data)
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                if event == "start" and depth == 1:
                    self.send(f"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                              f"xmlns='jabber:component:accept' from='sip.example' id='{number}'>")
                elif event == "end" and depth == 1:
                    self._element(element, number)
                elif event == "end" and depth == 0:
                    self.send("</stream:stream>")
                    return

    def _element(self, element, number):
        if element.tag == ACCEPT + "handshake":
            if element.text != hashlib.sha1((number + self.secret).encode()).hexdigest():
                self.send("<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
                          "</stream:stream>")
                self.cut()
                return
            self.send("<handshake/>")
            with self.changed:
                self.streams += 1
                self.changed.notify_all()
            return
        with self.changed:
            self.stanzas.append((time.monotonic(), element))
            self.changed.notify_all()
        self.reply(self, element)

    def wait_streams(self, count, timeout=15.0):
        with self.changed:
            return self.changed.wait_for(lambda: self.streams >= count, timeout)

    def wait(self, name="message", count=1, timeout=8.0, match=lambda stanza: True):
        """The first `count` stanzas of that name that `match`; fewer when they do not come in time; 0: what is there now."""
        def found():
            return [stanza for _, stanza in self.stanzas if stanza.tag == ACCEPT + name and match(stanza)]
        with self.changed:
            self.changed.wait_for(lambda: len(found()) >= count, timeout)
            return found()[:count] if count else found()

    def clear(self):
        with self.changed:
            self.stanzas.clear()


def body(stanza):
    """The text of the body of a message."""
    return stanza.findtext(ACCEPT + "body")


def condition(stanza):
    """(type, condition, text) of an error stanza, whatever its namespace."""
    found = next((child for child in stanza if re.fullmatch(r"(?:\{[^}]*\})?error", child.tag)), None)
    if found is None:
        return None
    names = [child for child in found if child.tag.startswith("{" + STANZAS + "}")]
    name = next((child for child in names if not child.tag.endswith("}text")), None)
    text = next((child.text for child in names if child.tag.endswith("}text")), None)
    return found.get("type"), name.tag.split("}")[1] if name is not None else None, text or (name.text if name is not None else None)
