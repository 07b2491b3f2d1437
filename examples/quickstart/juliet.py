# SPDX-License-Identifier: MIT
"""juliet.py PORT: logs in, says "online", writes what she is told to juliet-heard, answers with juliet-says, ends when her answer bounces or on a signal."""
import pathlib
import sys

import slixmpp


class Juliet(slixmpp.ClientXMPP):
    def __init__(self, answer):
        super().__init__("juliet@xmpp.example/balcony", "secret")
        self.answer = answer
        self["feature_mechanisms"].unencrypted_plain = True
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", self.heard)
        self.add_event_handler("message_error", self.bounced)

    def started(self, _):
        self.send_presence()
        print("online", flush=True)

    def heard(self, message):
        if message["type"] == "error":
            return
        pathlib.Path("juliet-heard").write_bytes(message["body"].encode())
        self.send_message(message["from"], self.answer, mtype="chat")

    def bounced(self, message):
        print("bounced:", message["error"]["condition"], flush=True)
        self.disconnect()


juliet = Juliet(pathlib.Path("juliet-says").read_bytes().decode())
juliet.connect(("127.0.0.1", int(sys.argv[1])), disable_starttls=True)
juliet.process(forever=False)
