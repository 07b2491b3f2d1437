# SPDX-License-Identifier: MIT
"""slixmpp, driven from a test that is no coroutine: each client keeps the stanzas it got, as element trees, in order."""
import asyncio
import itertools
import logging
import threading
import time

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

CLIENT = "{jabber:client}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

for name in ("slixmpp", "asyncio"):
    logging.getLogger(name).setLevel(logging.CRITICAL)
_numbers = itertools.count(1)
_loop = asyncio.new_event_loop()
threading.Thread(target=_loop.run_forever, daemon=True).start()


def _on_loop(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, _loop).result(20)


class Client:
    """A user who is online."""

    def __init__(self, port, user="juliet", resource="balcony", presence=True, domain="xmpp.example"):
        self.jid = f"{user}@{domain}/{resource}"
        self.port, self.presence, self.stanzas, self.changed = port, presence, [], threading.Condition()
        self.online, self.client = threading.Event(), None
        self.connect()

    def connect(self):
        self.online.clear()
        _on_loop(self._connect())
        if not self.online.wait(15):
            raise AssertionError(f"{self.jid} could not log in")

    async def _connect(self):
        client = slixmpp.ClientXMPP(self.jid, "secret")
        client.loop = _loop
        client["feature_mechanisms"].unencrypted_plain = True
        client.register_plugin("xep_0030")
        client.register_plugin("xep_0199")
        for name in ("message", "presence", "iq"):
            client.register_handler(Callback(f"stox {name}", MatchXPath(CLIENT + name), self._got))
        client.add_event_handler("session_start", self._started)
        client.connect(("127.0.0.1", self.port), disable_starttls=True)
        self.client = client

    def _started(self, _):
        if self.presence:
            self.client.send_presence()
        self.online.set()

    def _got(self, stanza):
        with self.changed:
            self.stanzas.append((time.monotonic(), stanza.xml))
            self.changed.notify_all()

    def close(self):
        _on_loop(self._close())

    async def _close(self):
        self.client.abort()
        await asyncio.sleep(0)

    def send(self, text):
        _loop.call_soon_threadsafe(self.client.send_raw, text)

    def message(self, to, body, kind="chat", **more):
        """Sends with slixmpp's own serializer."""
        def send():
            stanza = self.client.make_message(mto=to, mbody=body, mtype=kind, msubject=more.get("subject"))
            for name in ("id", "lang", "thread"):
                if name in more:
                    stanza[name] = more[name]
            stanza.send()
        _loop.call_soon_threadsafe(send)

    def wait(self, name="message", count=1, timeout=8.0, match=lambda stanza: True):
        """The first `count` stanzas of that name that `match`; fewer when they do not come in time; 0: what is there now."""
        def found():
            return [stanza for _, stanza in self.stanzas if stanza.tag == CLIENT + name and match(stanza)]
        with self.changed:
            self.changed.wait_for(lambda: len(found()) >= count, timeout)
            return found()[:count] if count else found()

    def round_trip(self, to):
        """Returns when the answer to a ping is there, and so all that was sent before it on the same way."""
        number = f"ping{next(_numbers)}"
        self.send(f"<iq type='get' to='{to}' id='{number}'><ping xmlns='urn:xmpp:ping'/></iq>")
        if not self.wait("iq", match=lambda iq: iq.get("id") == number):
            raise AssertionError(f"no answer to a ping from {to}")

    def clear(self):
        with self.changed:
            self.stanzas.clear()


def body(stanza):
    return stanza.findtext(CLIENT + "body")
