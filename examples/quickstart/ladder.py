# SPDX-License-Identifier: MIT
"""ladder.py TRACE: draws what crossed the gateway's sockets (stox-gateway --trace) as a ladder: SIP | gateway | XMPP."""
import json
import sys
import xml.etree.ElementTree as ET

GAP = 46
STREAM = "{http://etherx.jabber.org/streams}stream"
PING = "{urn:xmpp:ping}ping"


def sip_label(text):
    """The start line and the body of a SIP message."""
    head, _, body = text.partition("\r\n\r\n")
    words = head.split("\r\n")[0].split(" ")
    return [" ".join(words[1:]) if words[0] == "SIP/2.0" else " ".join(words[:2])] + ([f'"{body}"'] if body else [])


def name_of(element):
    return element.tag.split("}")[-1]


def xml_label(element):
    """A stanza in a few words: its tag, whom it is for, what is in it."""
    kind, to = element.get("type"), element.get("to")
    if name_of(element) == "message" and kind != "error":
        kind = None
    label = "<" + name_of(element) + (f" type='{kind}'" if kind else "") + (f" to='{to}'" if to else "") + ">"
    if element.find(PING) is not None:
        label = "ping " + label
    body = next((child.text for child in element if name_of(child) == "body"), None)
    if name_of(element) == "handshake":
        label = "<handshake>"
    error = next((child for child in element if name_of(child) == "error"), None)
    extra = [name_of(error[0])] if error is not None and len(error) else []
    return [label] + ([f'"{body}"'] if body else []) + extra


class Stream:
    """One direction of an XMPP stream: octets in, elements out."""

    def __init__(self):
        self.parser, self.depth = ET.XMLPullParser(("start", "end")), 0

    def feed(self, text):
        self.parser.feed(text)
        for event, element in self.parser.read_events():
            self.depth += 1 if event == "start" else -1
            if event == "start" and self.depth == 1:
                yield ["<stream>"]
            elif event == "end" and self.depth == 1:
                yield xml_label(element)


def events(lines):
    """(time, protocol, direction, label lines) of everything in a trace."""
    streams = {}
    for line in map(json.loads, lines):
        if line["proto"] == "sip":
            if line["bytes"].strip():
                yield line["t"], "sip", line["dir"], sip_label(line["bytes"])
            continue
        key = line["dir"], line["peer"]
        if key not in streams or STREAM.split("}")[1] + " " in line["bytes"][:60]:
            streams[key] = Stream()
        for label in streams[key].feed(line["bytes"]):
            yield line["t"], "xmpp", line["dir"], label


def rung(text, points_right):
    text = text if len(text) <= GAP - 8 else text[:GAP - 11] + "..."
    bar = f"-- {text} ".ljust(GAP - 1, "-")
    return bar + ">" if points_right else "<" + bar


def note(text):
    text = text if len(text) <= GAP - 6 else text[:GAP - 9] + "..."
    return f"     {text}".ljust(GAP)


def draw(found):
    start = next((at for at, protocol, *_ in found if protocol == "sip"), found[0][0])
    empty = " " * GAP
    yield "      ms  " + "SIP".ljust(GAP + 1) + "gateway".ljust(GAP + 1) + "XMPP"
    for at, protocol, direction, (first, *more) in found:
        points_right = (protocol == "sip") == (direction == "in")
        for number, cell in enumerate([rung(first, points_right), *map(note, more)]):
            time = f"{(at - start) * 1000:8.1f}" if number == 0 else " " * 8
            cells = (cell, empty) if protocol == "sip" else (empty, cell)
            yield f"{time}  |{cells[0]}|{cells[1]}|"


with open(sys.argv[1], encoding="utf-8", errors="replace") as trace:
    print("\n".join(draw(list(events(trace)))))
