# SPDX-License-Identifier: MIT
"""The tool's command lines: arguments, standard input, exact output and exit status."""
import os
import subprocess
import sys

STOX = os.path.join(os.environ["STOX_BIN"], "stox")
VECTORS = os.path.join(os.environ["STOX_SOURCE"], "tests", "vectors", "7247")

FIELDS = (b"Via: SIP/2.0/UDP x.example;branch=z9hG4bK1\r\nFrom: <sip:a@x.example>;tag=1\r\nTo: <sip:romeo@example.net>\r\n"
          b"Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nSubject: \"q\\\xff\r\n\tf\xc3\xbc\"\r\n")
HEADERS = (b'{"name":"Via","value":"SIP/2.0/UDP x.example;branch=z9hG4bK1"},'
           b'{"name":"From","value":"<sip:a@x.example>;tag=1"},{"name":"To","value":"<sip:romeo@example.net>"},'
           b'{"name":"Call-ID","value":"1"},{"name":"CSeq","value":"1 MESSAGE"},{"name":"Max-Forwards","value":"70"},'
           b'{"name":"Subject","value":"\\"q\\\\\xef\xbf\xbd\\r\\n\\tf\xc3\xbc\\"","value_hex":"22715cff0d0a0966c3bc22"}')
MESSAGE = b"MESSAGE sip:romeo@example.net SIP/2.0\r\n" + FIELDS + b"\r\nhi\n"
RESPONSE = b"SIP/2.0 404 Not Found\r\n" + FIELDS + b"\r\n"
STREAM = (b"<s:s xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' to='a'>"
          b"<message to='b'><body>h\xc3\xa9&lt;</body></message> \n<presence/></s:s>")
EVENTS = (
    b'{"file":"-","event":"stream-open","offset":77,"ns":"http://etherx.jabber.org/streams","name":"s",'
    b'"attributes":[{"ns":"","name":"to","value":"a"}]}\n'
    b'{"file":"-","event":"element","offset":123,"ns":"jabber:client","name":"message",'
    b'"attributes":[{"ns":"","name":"to","value":"b"}],'
    b'"xml":"<message xmlns=\'jabber:client\' to=\'b\'><body>h\xc3\xa9&lt;</body></message>"}\n'
    b'{"file":"-","event":"whitespace","offset":125}\n'
    b'{"file":"-","event":"element","offset":136,"ns":"jabber:client","name":"presence","attributes":[],'
    b'"xml":"<presence xmlns=\'jabber:client\'/>"}\n'
    b'{"file":"-","event":"stream-close","offset":142}\n')

KEY = "0102030405060708090a0b0c0d0e0f1011121314"
TOKEN6 = "WSwKOAZ6R/PsKIIgAQ24AAAAAAAAAAAAAAAQE8QgAQ24AAEAAAAAAAAAAAAHAAE="
TEMPORARY_KEYS = ("000102030405060708090a0b0c0d0e0f", "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f")
TEMPORARY = "sip:tgruu.Fz2PdMII5XlV5SEPjsubSgzJ4iTtC+Gg2HlA@example.com;gr"

# (arguments, standard input, standard output, exit status)
ROWS = [
    # flow-token: OB-6.1-05, OB-6.2-05
    ("flow-token make --key %s UDP/192.0.2.10:5060/198.51.100.7:40001 tcp/[2001:db8::10]:5060/[2001:db8:1::7]:1" % KEY, "",
     "UDP/192.0.2.10:5060/198.51.100.7:40001\tivrZ1oNAm30gVAHAAAIKE8TGM2QHnEE=\n"
     "tcp/[2001:db8::10]:5060/[2001:db8:1::7]:1\t%s\n" % TOKEN6, 0),
    ("flow-token check --key %s ivrZ1oNAm30gVAHAAAIKE8TGM2QHnEE= ivrZ1oNAm30gVAHAAAIKE8TGM2QHnEA= %s" % (KEY, TOKEN6), "",
     "ivrZ1oNAm30gVAHAAAIKE8TGM2QHnEE=\tUDP\t192.0.2.10:5060\t198.51.100.7:40001\n"
     "ivrZ1oNAm30gVAHAAAIKE8TGM2QHnEA=\t!AUTH\n"
     "%s\tTCP\t[2001:db8::10]:5060\t[2001:db8:1::7]:1\n" % TOKEN6, 1),
    ("flow-token make --key %s UDP/h:1/192.0.2.1:2 UDP x" % KEY, "",
     "UDP/h:1/192.0.2.1:2\t!BAD_HOST\nUDP\t!BAD_PORT\nx\t!BAD_PORT\n", 1),
    ("flow-token make --key 00 UDP/192.0.2.10:5060/198.51.100.7:40001", "", "", 2),
    ("flow-token forge --key %s x" % KEY, "", "", 2),
    # gruu: GR-A.1-01, GR-6-12, GR-RFC5627-A.2-01
    ("gruu make --instance urn:foo:1 sip:a@b tel:+1", "", "sip:a@b\tsip:a@b;gr=urn:foo:1\ntel:+1\t!BAD_URI\n", 1),
    ("gruu make --dialect draft --instance urn:foo:1 sips:a@b", "", "sips:a@b\tsips:a@b;opaque=urn:foo:1\n", 0),
    ("gruu classify sip:a@b;gr=urn:foo:1 sip:a@b;opaque=urn:foo:1 sip:tgruu.x@b;gr sip:a@b", "",
     "sip:a@b;gr=urn:foo:1\tpublic\tsip:a@b\turn:foo:1\nsip:a@b;opaque=urn:foo:1\tdraft\tsip:a@b\turn:foo:1\n"
     "sip:tgruu.x@b;gr\ttemporary\nsip:a@b\tnone\n", 0),
    ("gruu classify --key %s --mark-key %s %s sip:tgruu.Fz2PdMII5XlV5SEPjsubSgzJ4iTtC+Gg2HmA@example.com;gr" %
     (TEMPORARY_KEYS + (TEMPORARY,)), "",
     TEMPORARY + "\ttemporary\t0\nsip:tgruu.Fz2PdMII5XlV5SEPjsubSgzJ4iTtC+Gg2HmA@example.com;gr\t!AUTH\n", 1),
    # stun: OB-7-01
    ("stun 0101000c2112a442b7e7a701bc34d686fa87dfae002000080001bd53e721c045 00", "",
     "0101000c2112a442b7e7a701bc34d686fa87dfae002000080001bd53e721c045"
     "\t0101\tRFC5389\tb7e7a701bc34d686fa87dfae\t198.51.100.7:40001\n00\t!BAD_LENGTH\n", 1),
    # map: 7247-6.1-03, 7247-6.1-04, 7247-6.4-01, 7247-6.4-02, 7247-6.4-06, 7247-6.5-02, 7247-6.5-08
    ("map sip:o%27hara@sip.example", "", "sip:o%27hara@sip.example\to\\27hara@sip.example\n", 0),
    ("map juliet@xmpp.example/balcony", "",
     "juliet@xmpp.example/balcony\tsip:juliet@xmpp.example;gr=balcony\n", 0),
    ("map SIP:romeo@example.net pres:romeo@example.net sip:b.example", "",
     "SIP:romeo@example.net\tromeo@example.net\npres:romeo@example.net\tromeo@example.net\nsip:b.example\tb.example\n", 0),
    ("map tel:+15551234 xmpp:juliet@example.com", "",
     "tel:+15551234\t!UNSUPPORTED_SCHEME\nxmpp:juliet@example.com\t!UNSUPPORTED_SCHEME\n", 1),
    ("map TEL:+15551234 a@b", "", "TEL:+15551234\t!UNSUPPORTED_SCHEME\na@b\tsip:a@b\n", 1),
    ("map --to sips a@b/c", "", "a@b/c\tsips:a@b;gr=c\n", 0),
    ("map --to=im a.b@h/c", "", "a.b@h/c\tim:a%2Eb@h\n", 0),
    ("map a@b/c --to pres", "", "a@b/c\tpres:a@b\n", 0),
    ("map --resource drop a@b/c sip:a@b;gr=c", "", "a@b/c\tsip:a@b\nsip:a@b;gr=c\ta@b\n", 0),
    ("map --resource keep sip:a@b;gr=c", "", "sip:a@b;gr=c\ta@b/c\n", 0),
    ("map --mode rfc7247 sip:a%5C26b@sip.example", "", "sip:a%5C26b@sip.example\t!AMBIGUOUS\n", 1),
    ("map --mode reversible sip:a%5C26b@sip.example", "", "sip:a%5C26b@sip.example\ta\\5c26b@sip.example\n", 0),
    ("map sip:@h sip:a@b@c sip:a%zy@h sip:a%C3@h sip:a%00b@h sip:%20x@h", "",
     "sip:@h\t!BAD_URI\nsip:a@b@c\t!BAD_URI\nsip:a%zy@h\t!BAD_PCT\nsip:a%C3@h\t!BAD_UTF8\nsip:a%00b@h\t!CTRL\n"
     "sip:%20x@h\t!ESCAPED_SPACE_AT_END\n", 1),
    ("map -", "sip:a@h\n\na\tb@h\n\nlast@h", "sip:a@h\ta@h\n\t!CTRL\nlast@h\tsip:last@h\n", 1),
    (["map", r"a\2Fb@h"], "", "a\\2Fb@h\tsip:a/b@h\n", 0),
    ("map x@h - y@h", "a@h\n", "x@h\tsip:x@h\na@h\tsip:a@h\ny@h\tsip:y@h\n", 0),
    ("map -", b"a\xff@h\nsip:a\0b@h\na@h\r\n",
     b"a\xff@h\t!BAD_UTF8\nsip:a\0b@h\t!BAD_URI\na@h\r\t!CTRL\n", 1),
    ("map -", "", "", 0),
    (["map", "a\tb@h"], "", "\t!CTRL\n", 1),
    (["map", "a\nb@h"], "", "\t!CTRL\n", 1),
    ("map -- --x@h", "", "--x@h\tsip:--x@h\n", 0),
    # jid
    ("jid Juliet@Example.COM/Balcony example.com", "",
     "Juliet@Example.COM/Balcony\tjuliet\texample.com\tBalcony\nexample.com\t\texample.com\t\n", 0),
    ("jid --profile none Juliet@Example.COM/Balcony", "",
     "Juliet@Example.COM/Balcony\tJuliet\tExample.COM\tBalcony\n", 0),
    ("jid --profile precis Ju\u03a3@Example.COM/\u265a \u265a@example.com", "",
     "Ju\u03a3@Example.COM/\u265a\tju\u03c3\texample.com\t\u265a\n\u265a@example.com\t!BAD_LOCALPART\n", 1),
    ("jid a.example.com/b@example.net a@@b @b a@ a@b/", "",
     "a.example.com/b@example.net\t\ta.example.com\tb@example.net\na@@b\t!BAD_JID\n@b\t!BAD_JID\na@\t!BAD_JID\na@b/\t!BAD_JID\n", 1),
    # uri
    ("uri sip:A%6C@EX.com;Transport=TCP", "", "sip:A%6C@EX.com;Transport=TCP\tsip:Al@ex.com;transport=TCP\n", 0),
    ("uri SIPS:a%2fb@[2001:DB8::1]:5061?X=%7e", "",
     "SIPS:a%2fb@[2001:DB8::1]:5061?X=%7e\tsips:a%2Fb@[2001:db8::1]:5061?X=~\n", 0),
    (["uri", "sip:a b@h", "<sip:a@h>", "sip:a@h:99999", "sip:a@h;;", "sip:a%@h", "sip:a@-"], "",
     "sip:a b@h\t!BAD_URI\n<sip:a@h>\t!BAD_URI\nsip:a@h:99999\t!BAD_PORT\nsip:a@h;;\t!BAD_PARAM\nsip:a%@h\t!BAD_PCT\n"
     "sip:a@-\t!BAD_HOST\n", 1),
    ("uri -", "tel:+1-2\nIM:a@H\n", "tel:+1-2\ttel:+1-2\nIM:a@H\tim:a@h\n", 0),
    ("uri --compare sip:%61lice@atlanta.com;transport=TCP sip:alice@AtLanTa.CoM;Transport=tcp", "", "equal\n", 0),
    ("uri --compare sip:bob@biloxi.com sip:bob@biloxi.com:5060", "", "different\n", 0),
    ("uri sip:a@h --compare sip:a@h;x", "", "equal\n", 0),
    ("uri --compare -", "sip:a@h\nsip:A@h\nsip:h\nsip:H\n", "different\nequal\n", 0),
    ("uri --compare sip:a@h sip:@h", "", "sip:@h\t!BAD_URI\n", 1),
    ("uri --compare nonsense sip:@h", "", "nonsense\t!BAD_URI\n", 1),
    ("uri --compare sip:a@h", "", "", 2),
    # error
    ("error sip 486 404 301", "",
     "486\trecipient-unavailable\twait\t\n404\titem-not-found\tcancel\t\n301\titem-not-found\tcancel\t\n", 0),
    ("error sip --contact sip:juliet@x.example 301 302 404", "",
     "301\tgone\tcancel\txmpp:juliet@x.example\n302\tredirect\tmodify\txmpp:juliet@x.example\n404\titem-not-found\tcancel\t\n", 0),
    ("error sip 200 100 x 99999 0 -1", "",
     "200\t!NOT_AN_ERROR\n100\t!NOT_AN_ERROR\nx\t!BAD_NUMBER\n99999\t!BAD_NUMBER\n0\t!ARG\n-1\t!BAD_NUMBER\n", 1),
    ("error sip -", "415\n\n416\n", "415\tnot-acceptable\tmodify\t\n416\tnot-acceptable\tmodify\t\n", 0),
    ("error xmpp item-not-found gone", "", "item-not-found\t404\tNot Found\t\ngone\t410\tGone\t\n", 0),
    ("error xmpp --scope bare item-not-found", "", "item-not-found\t604\tDoes Not Exist Anywhere\t\n", 0),
    ("error xmpp --scope full item-not-found", "", "item-not-found\t404\tNot Found\t\n", 0),
    ("error xmpp --text xmpp:juliet@x.example gone item-not-found", "",
     "gone\t301\tMoved Permanently\tsip:juliet@x.example\nitem-not-found\t404\tNot Found\t\n", 0),
    ("error xmpp --text sip:a@h redirect gone", "",
     "redirect\t302\tMoved Temporarily\tsip:a@h\ngone\t301\tMoved Permanently\tsip:a@h\n", 0),
    ("error xmpp not-authorized registration-required", "",
     "not-authorized\t401\tUnauthorized\t\nregistration-required\t407\tProxy Authentication Required\t\n", 0),
    ("error xmpp --scope domain --cause unresolvable remote-server-not-found", "",
     "remote-server-not-found\t408\tRequest Timeout\t\n", 0),
    ("error xmpp no-such-thing", "", "no-such-thing\t!ARG\n", 1),
    # sip
    ("sip -", MESSAGE.replace(b"\xff", b"-"),
     b'{"file":"-","ok":true,"error":null,"offset":null,"rule":null,"answer":null,"method":"MESSAGE",'
     b'"request_uri":"sip:romeo@example.net","headers":[' +
     HEADERS.replace(b"\xef\xbf\xbd", b"-").split(b',"value_hex"')[0] + b'}],"body_length":3}\n', 0),
    ("sip -", MESSAGE,
     b'{"file":"-","ok":false,"error":"BAD_UTF8","offset":202,"rule":"RFC3261-25.1 UTF8-NONASCII","answer":400,"method":"MESSAGE",'
     b'"request_uri":"sip:romeo@example.net","headers":[' + HEADERS + b'],"body_length":3}\n', 1),
    ("sip --lenient -", RESPONSE,
     b'{"file":"-","ok":true,"error":null,"offset":null,"rule":null,"answer":null,"status":404,'
     b'"reason":"Not Found","headers":[' + HEADERS + b'],"body_length":0}\n', 0),
    ("sip -", b"\x00\xff",
     b'{"file":"-","ok":false,"error":"BAD_START","offset":0,"rule":"RFC3261-7 start-line","answer":null}\n', 1),
    ("sip --json --json-full -", b"SIP/2.0 200 OK\r\nSubject: a\r\n\r\n",
     b'{"file":"-","ok":false,"error":"MISSING","offset":30,"rule":"RFC3261-8.1.1 Via","answer":null}\n', 1),
    ("sip /nonexistent/file", "", "", 1),
    # xml
    ("xml -", STREAM, EVENTS, 0),
    ("xml -", STREAM[:-5], EVENTS.rsplit(b"\n", 2)[0] + b"\n"
     b'{"file":"-","event":"error","offset":137,"error":"MORE","rule":null}\n', 1),
    ("xml -", b"<a><!DOCTYPE x>",
     b'{"file":"-","event":"stream-open","offset":3,"ns":"","name":"a","attributes":[]}\n'
     b'{"file":"-","event":"error","offset":5,"error":"RESTRICTED_XML","rule":"RFC6120-11.1"}\n', 1),
    ("xml --document -", b"<?xml version='1.0'?><!-- c --><p:a xmlns:p='u' b='1'><p:d>e</p:d></p:a>",
     b'{"file":"-","event":"document","ns":"u","name":"a","attributes":[{"ns":"","name":"b","value":"1"}],'
     b'"xml":"<p:a xmlns:p=\'u\' b=\'1\'><p:d>e</p:d></p:a>"}\n', 0),
    ("xml --document -", b"<!DOCTYPE a><a/>",
     b'{"file":"-","event":"error","offset":11,"error":"RESTRICTED_XML","rule":"XML 1.0"}\n', 1),
    # usage
    ("", "", "", 2),
    ("nonsense", "", "", 2),
    ("map", "", "", 2),
    ("map --to tel a@b", "", "", 2),
    ("map --to", "", "", 2),
    ("map --nonsense a@b", "", "", 2),
    ("error", "", "", 2),
    ("error http 404", "", "", 2),
    ("error xmpp --scope half gone", "", "", 2),
    ("sip", "", "", 2),
    ("sip --lenient=yes -", "", "", 2),
    ("sip --json-full", "", "", 2),
    ("xml --lenient -", "", "", 2),
]


def octets(text):
    return text if isinstance(text, bytes) else text.encode()


def run(arguments, given=b""):
    words = arguments.split() if isinstance(arguments, str) else arguments
    done = subprocess.run([STOX] + words, input=octets(given), capture_output=True, timeout=60, check=False)
    return done.stdout, done.returncode, done.stderr


REFUSED = b"<a><b " + b" ".join(b"c%d=''" % i for i in range(65)) + b"/></a>"


def check_refused():
    output, status, _ = run("xml -", REFUSED)
    if status != 0 or b'"event":"refused"' not in output:
        yield f"stox xml: {output[:200]}"


def check_rows():
    for arguments, given, output, status in ROWS:
        got = run(arguments, given)
        if got[:2] != (octets(output), status):
            yield f"stox {arguments}: {got}"
        if (status == 2 or "/nonexistent" in arguments) != (got[2] != b""):
            yield f"stox {arguments}: standard error {got[2]}"


def table(name):
    """The rows of a vector file behind its heading; none where the file is absent."""
    path = os.path.join(VECTORS, name)
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        return [line.split(b"\t") for line in file.read().splitlines()[1:]]


# The vectors are made without preparation; the tool folds the F before it looks for escapes.
PREPARED = rb"a\2Fb@xmpp.example"


def check_column(name, column, arguments):
    rows = [row for row in table(name) if row[0] != PREPARED]
    wanted = [row[0] + b"\t" + row[column].replace(b"ERR:", b"!", 1) for row in rows]
    given = b"".join(row[0] + b"\n" for row in rows)
    output = run(arguments + " -", given)[0].splitlines()
    for want, got in zip(wanted, output):
        if want != got:
            yield f"{name}: {want}, not {got}"
    if len(wanted) != len(output):
        yield f"{name}: {len(output)} answers to {len(wanted)} questions"


def check_vectors():
    yield from check_column("derived-sip-to-xmpp.tsv", 1, "map")
    yield from check_column("derived-sip-to-xmpp.tsv", 2, "map --mode rfc7247")
    yield from check_column("derived-xmpp-to-sip.tsv", 1, "map")
    yield from check_column("derived-xmpp-to-sip.tsv", 2, "map --mode rfc7247")
    yield from check_column("derived-xmpp-to-sip.tsv", 3, "map --to im")
    yield from check_column("6.4-sip-to-xmpp.tsv", 1, "map")
    yield from check_column("6.5-xmpp-to-sip.tsv", 1, "map")


def check_answers(arguments, questions):
    """Pairs of an input and what stands behind it, the fields that are asked for."""
    output = run(arguments + " -", b"".join(asked + b"\n" for asked, _ in questions))[0].splitlines()
    for (asked, wanted), line in zip(questions, output):
        fields = line.split(b"\t")
        if fields[0] != asked or fields[1 : 1 + len(wanted)] != wanted:
            yield f"stox {arguments}: {line}, not {asked} {wanted}"
    if len(questions) != len(output):
        yield f"stox {arguments}: {len(output)} answers to {len(questions)} questions"


def check_tables():
    """7247-7.1-01, 7247-7.2-01: the tables of section 7, asked through the tool."""
    rows = table("table2-xmpp-to-sip.tsv")
    for scope, column in ("full", 3), ("bare", 4):
        wanted = [(row[0], [row[column]]) for row in rows if row[0] != b"redirect"]
        yield from check_answers(f"error xmpp --scope {scope}", wanted)
    codes = [row for row in table("table3-sip-to-xmpp.tsv") if row[0].isdigit()]
    yield from check_answers("error sip --contact sip:a@b", [(row[0], [row[2], row[4]]) for row in codes])
    unlisted = [(row[0], [row[1].replace(b"NOT_AN", b"!NOT_AN").replace(b"INVALID", b"!ARG")])
                for row in table("derived-unlisted-sip-codes.tsv")]
    yield from check_answers("error sip --contact sip:a@b", unlisted)


def check_help():
    output, status, _ = run("--help")
    if status != 0 or b"stox COMMAND" not in output:
        yield "stox --help"


def check_long_input():
    """64 KiB of user, and more, on one line."""
    user = b"u" * 70000
    for line, name in ((b"sip:" + user + b"@h", b"TOO_LONG"), (user + b"@h", b"TOO_LONG")):
        if run("map -", line)[:2] != (line + b"\t!" + name + b"\n", 1):
            yield "a long line is not refused as it should be"
    line = b"sip:h" + b"".join(b";p%d" % i for i in range(10000))
    if run("uri -", line)[:2] != (line + b"\t" + line + b"\n", 0):
        yield "ten thousand parameters"


def check_unreadable_input():
    """Standard input that cannot be read is not an empty one."""
    for arguments in ("jid -", "uri --compare sip:a@h -", "sip -", "xml -"):
        folder = os.open("/", os.O_RDONLY)
        done = subprocess.run([STOX] + arguments.split(), stdin=folder, capture_output=True, timeout=60, check=False)
        os.close(folder)
        if done.returncode == 0 or done.stdout or not done.stderr:
            yield f"stox {arguments} of a folder: status {done.returncode}, {done.stdout!r}, {done.stderr!r}"


def check_full_output():
    """Answers that are lost make an exit status."""
    with open("/dev/full", "wb") as full:
        for arguments in ("jid a@b", "uri --compare sip:a@h sip:a@h", "sip /dev/null", "xml /dev/null", "--help"):
            if subprocess.run([STOX] + arguments.split(), stdout=full, stderr=subprocess.DEVNULL, check=False).returncode != 2:
                yield f"stox {arguments} into a full disk"


CHECKS = (check_rows, check_refused, check_vectors, check_tables, check_help, check_long_input, check_unreadable_input, check_full_output)
FOUND = [what for check in CHECKS for what in check()]
for what in FOUND:
    print(what)
print(f"{len(ROWS)} command lines, {len(FOUND)} wrong")
sys.exit(1 if FOUND else 0)
