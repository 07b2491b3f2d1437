#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes lib/sip/names.c: header fields (name, compact form, rules) and methods in the order of the
numbers of stox/sip.h, the header names in lower case and in which slot each is, and where header fields
may and must stand."""
import sys

from sip_where import WHERE

# S: stands once. L: a comma separates values. A: addresses. E: may be empty. (RFC 3261 20 and 25.1,
# and the RFC that defines the field.)
HEADERS = [
    ("Accept", "", "LE"),
    ("Accept-Encoding", "", "LE"),
    ("Accept-Language", "", "LE"),
    ("Alert-Info", "", "L"),
    ("Allow", "", "LE"),
    ("Allow-Events", "u", "L"),
    ("Authorization", "", ""),
    ("Call-ID", "i", "S"),
    ("Call-Info", "", "L"),
    ("Contact", "m", "LA"),
    ("Content-Disposition", "", "S"),
    ("Content-Encoding", "e", "L"),
    ("Content-Language", "", "L"),
    ("Content-Length", "l", "S"),
    ("Content-Type", "c", "S"),
    ("CSeq", "", "S"),
    ("Date", "", "S"),
    ("Error-Info", "", "L"),
    ("Event", "o", "S"),
    ("Expires", "", "S"),
    ("From", "f", "SA"),
    ("In-Reply-To", "", "L"),
    ("Max-Breadth", "", "S"),
    ("Max-Forwards", "", "S"),
    ("MIME-Version", "", "S"),
    ("Min-Expires", "", "S"),
    ("Organization", "", "SE"),
    ("Path", "", "LA"),
    ("Priority", "", "S"),
    ("Proxy-Authenticate", "", ""),
    ("Proxy-Authorization", "", ""),
    ("Proxy-Require", "", "L"),
    ("Reason", "", "L"),
    ("Record-Route", "", "LA"),
    ("Refer-To", "r", "SA"),
    ("Referred-By", "b", "SA"),
    ("Replaces", "", "S"),
    ("Reply-To", "", "SA"),
    ("Require", "", "L"),
    ("Retry-After", "", "S"),
    ("Route", "", "LA"),
    ("Server", "", "S"),
    ("Session-Expires", "x", "S"),
    ("Subject", "s", "SE"),
    ("Subscription-State", "", "S"),
    ("Supported", "k", "LE"),
    ("Timestamp", "", "S"),
    ("To", "t", "SA"),
    ("Unsupported", "", "L"),
    ("User-Agent", "", "S"),
    ("Via", "v", "L"),
    ("Warning", "", "L"),
    ("WWW-Authenticate", "", ""),
]
# Extensions and what few messages hold.
EXTENSIONS = [
    ("P-Asserted-Identity", "", "LA"),
    ("P-Preferred-Identity", "", "LA"),
    ("P-Media-Authorization", "", "L"),
    ("Privacy", "", "S"),
    ("Security-Client", "", "L"),
    ("Security-Server", "", "L"),
    ("Security-Verify", "", "L"),
    ("Service-Route", "", "LA"),
    ("Accept-Contact", "a", "L"),
    ("Reject-Contact", "j", "L"),
    ("Request-Disposition", "d", "L"),
    ("Join", "", "S"),
    ("SIP-ETag", "", "S"),
    ("SIP-If-Match", "", "S"),
    ("RAck", "", "S"),
    ("RSeq", "", "S"),
    ("Min-SE", "", "S"),
    ("Resource-Priority", "", "L"),
    ("Accept-Resource-Priority", "", "LE"),
    ("Refer-Sub", "", "S"),
    ("Target-Dialog", "", "S"),
    ("Answer-Mode", "", "S"),
    ("Priv-Answer-Mode", "", "S"),
    ("Flow-Timer", "", "S"),
    ("Geolocation", "", "L"),
    ("Geolocation-Routing", "", "S"),
    ("Geolocation-Error", "", "S"),
    ("History-Info", "", "LA"),
    ("User-to-User", "", "L"),
    ("Refer-Events-At", "", "S"),
    ("Identity", "y", ""),
    ("Identity-Info", "n", "S"),
    ("Authentication-Info", "", ""),
    ("Alert-Mode", "", "S"),
    ("Subscription", "", "L"),
    ("Responder", "", "S"),
    ("Responder-Info", "", "S"),
    ("Response-Authentication", "", "S"),
    ("Response-Authorization", "", "S"),
    ("Proxy-Required-Body", "", ""),
    ("SAML-Payload", "", "L"),
    ("Anonymous-To", "", "SA"),
]
METHODS = [
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY",
    "PUBLISH", "REFER", "PRACK", "UPDATE", "INFO",
]
FLAGS = {"S": "STOX_SIP_ONCE", "L": "STOX_SIP_LIST", "A": "STOX_SIP_ADDRESS", "E": "STOX_SIP_EMPTY"}


def constant(name):
    return "STOX_SIP_" + name.upper().replace("-", "_")


def rules(letters):
    return " | ".join(FLAGS[letter] for letter in letters) or "0"


SLOT_BITS = 9
MULTIPLIER = 0xBEE102A65FA39409  # as in lib/sip/names.h; found by trial: no two names share a slot


def method_slot(name):
    """As in lib/sip/lookup.c: no two methods share one."""
    return (3 * ord(name[0]) + len(name)) % 32


def words(name):
    """The first, the last and the middle eight octets, as known_name of lib/sip/names.h has them."""
    name = name.rjust(8, "\0")
    return [name[:8], name[-8:], name[8:16]]


def slot(name):
    """As in lib/sip/lookup.h: by the first and the last eight octets."""
    first, last = (int.from_bytes(word.encode(), "little") for word in words(name)[:2])
    return ((first + 2 * last) * MULTIPLIER & 0xFFFFFFFFFFFFFFFF) >> 64 - SLOT_BITS


PRESENCE = {
    ".": "UNSAID", "-": "BARRED", "o": "OPTIONAL", "c": "CONDITIONAL", "M": "EXPECTED",
    "t": "FRAMING", "*": "WITH_BODY", "m": "MANDATORY",
}
PROXY = {"a": 1, "m": 2, "d": 4, "r": 8}  # STOX_SIP_PROXY_ADDS …


def where_lines(names):
    """Rows in the order of the header fields, and where those of each begin."""
    rows = sorted(WHERE, key=lambda row: (names.index(row[0]), row[1], row[2]))
    ids = [names.index(row[0]) + 1 for row in rows]
    starts = [sum(other < number for other in ids) for number in range(len(names) + 2)]
    out = ["};\n\nconst stox_sip_where_row stox_sip_where_rows[] = {"]
    for _, low, high, proxy, columns in rows:
        assert len(columns) == len(METHODS)
        presence = "".join(str(list(PRESENCE).index(column)) for column in columns)
        out.append(f'    {{{low}, {high}, {sum(PROXY[p] for p in proxy)}, "{presence}"}},')
    out.append("};\n\nconst unsigned char stox_sip_where_starts[STOX_SIP_HEADER_COUNT + 1] = {")
    for i in range(0, len(starts), 16):
        out.append("    " + ", ".join(str(s) for s in starts[i : i + 16]) + ",")
    return out


def main(path):
    table = HEADERS + EXTENSIONS
    known = [(name.lower(), constant(name)) for name, _, _ in table]
    known += [(compact, constant(name)) for name, compact, _ in table if compact]
    longest = max(len(name) for name, _ in known)
    rows = {slot(name): row + 1 for row, (name, _) in enumerate(known)}
    assert len(rows) == len(known)
    slots = [rows.get(n, 0) for n in range(1 << SLOT_BITS)]
    out = ["/* SPDX-License-Identifier: MIT */"]
    out.append("/* Generated by cmake/generate_sip_names.py; do not edit. */")
    out.append('#include "sip/names.h"\n\n#include "stox/sip.h"\n')
    out.append("const stox_sip_header_row stox_sip_header_rows[STOX_SIP_HEADER_COUNT] = {")
    out += [f'    [{constant(name)}] = {{"{name}", {rules(f)}, {len(name)}}},' for name, _, f in table]
    out.append("};\n\nconst stox_sip_known_name stox_sip_known_names[] = {")
    out.append('    {"", "", "", 0, STOX_SIP_OTHER, {0}},')
    for name, number in known:
        parts = ", ".join('"' + word.replace("\0", "\\0") + '"' for word in words(name))
        out.append(f"    {{{parts}, {len(name)}, {number}, {{0}}}},")
    out.append("};\n\nconst unsigned char stox_sip_known_slots[STOX_SIP_SLOT_COUNT] = {")
    for i in range(0, len(slots), 16):
        out.append("    " + ", ".join(str(s) for s in slots[i : i + 16]) + ",")
    out.append("};\n\nconst stox_sip_method_row stox_sip_method_names[STOX_SIP_METHOD_COUNT] = {")
    out += [f'    [STOX_SIP_{name}] = {{"{name}", {len(name)}}},' for name in METHODS]
    out.append("};\n\nconst unsigned char stox_sip_method_slots[STOX_SIP_METHOD_SLOTS] = {")
    out += [f"    [{method_slot(name)}] = STOX_SIP_{name}," for name in sorted(METHODS, key=method_slot)]
    assert len({method_slot(name) for name in METHODS}) == len(METHODS)
    out += where_lines([name for name, _, _ in table])
    out.append("};")
    assert longest == 24 and len(table) == 95 and len(METHODS) == 14  # as lib/sip/names.h says
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
