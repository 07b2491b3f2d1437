# SPDX-License-Identifier: MIT
"""`stox sip --json-full`: exact output for messages of our own, and what it says of the corpora: one JSON object a message,
nothing that `--json` says left out, each header value judged as the corpus or the table of disagreements has it."""
import glob
import json
import os
import re
import subprocess
import sys

STOX = os.path.join(os.environ["STOX_BIN"], "stox")
TESTS = os.path.join(os.environ["STOX_SOURCE"], "tests")
VECTORS = os.path.join(TESTS, "vectors", "sip")
CORPORA = os.environ["CORPORA"]
VALUES = "sip-headers/header-values.tsv"

# Names in the corpus that are no header field's, or that the conformance tests judge.
OTHERS = {"Via", "via", "From", "from", "To", "to", "CSeq", "cseq", "CallID", "MaxForwards", "Address", "HostName", "host", "Status_Line",
          "URL", "request", "status", "separator", "payload", "challenge", "header(as named in source)"}

HEAD = (b"OPTIONS sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\nFrom: <sip:a@example.net>;tag=1\r\n"
        b"To: <sip:b@example.net>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n")


def run(arguments, given=b""):
    done = subprocess.run([STOX, "sip"] + arguments, input=given, capture_output=True, timeout=100, check=False)
    return done.stdout, done.returncode


def read(path):
    with open(path, "rb") as file:
        return file.read()


def check_vectors():
    paths = sorted(glob.glob(os.path.join(VECTORS, "json", "*.sip")))
    if len(paths) < 10:
        yield f"{len(paths)} vectors"
    for path in paths:
        given = read(path)
        mode = ["--lenient"] if path.endswith("lenient.sip") else []
        if run(["--json-full", "-"] + mode, given) != (read(path[:-4] + ".json"), 0):
            yield f"{path}: {run(['--json-full', '-'] + mode, given)}"
        if run(["--json", "-"] + mode, given) != run(["-"] + mode, given):
            yield f"{path}: --json is not the default"


def is_error(typed):
    return isinstance(typed, dict) and set(typed) == {"error", "offset", "rule"}


def errors_of(typed):
    return [one for one in (typed if isinstance(typed, list) else [typed]) if is_error(one)]


def compare(path, short, full, size):
    """What is shown in full has all that is shown without, and offsets in the message."""
    for key in short:
        if key != "headers" and short[key] != full[key]:
            yield f"{path}: {key}"
    if len(short.get("headers", [])) != len(full.get("headers", [])):
        yield f"{path}: header fields"
    for one, other in zip(short.get("headers", []), full.get("headers", [])):
        if not one.items() <= other.items() or "typed" not in other:
            yield f"{path}: {one} {other}"
        for error in errors_of(other["typed"]):
            if not 0 < error["offset"] <= size or not error["rule"]:
                yield f"{path}: {error}"


def compare_all(paths, mode):
    short, short_code = run(mode + paths)
    full, full_code = run(mode + ["--json-full"] + paths)
    lines = list(zip(short.splitlines(), full.splitlines()))
    if short_code != full_code or not len(lines) == len(full.splitlines()) == len(paths):
        yield f"{len(lines)} objects, exit status {full_code} and {short_code}, for {len(paths)} messages {mode}"
    for path, (one, other) in zip(paths, lines):
        yield from compare(path, json.loads(one), json.loads(other), os.path.getsize(path))


def messages():
    own = glob.glob(os.path.join(VECTORS, "*", "*.sip"))
    fuzzed = glob.glob(os.path.join(TESTS, "fuzz", "corpus", "sip", "*"))
    others = [path for path in glob.glob(os.path.join(CORPORA, "sip-*", "**", "*"), recursive=True) if not path.endswith(".tsv")]
    return sorted(path for path in own + fuzzed + others if os.path.isfile(path))


def check_messages():
    paths = messages()
    print(f"{len(paths)} messages")
    yield from compare_all(paths, [])
    yield from compare_all(paths, ["--lenient"])


def check_cut_messages():
    """Each prefix of each of our own, so that every header is cut everywhere."""
    for path in sorted(glob.glob(os.path.join(VECTORS, "json", "*.sip"))):
        given = read(path)
        for n in range(0, len(given), 7):
            output, code = run(["--lenient", "--json-full", "-"], given[:n])
            if code not in (0, 1) or json.loads(output.decode("utf-8", "strict"))["ok"] != (code == 0):
                yield f"{path} cut at {n}: {code}"


def header_name(named):
    """`AcceptEncoding` and `accept_encoding` are Accept-Encoding."""
    for upper in range(len(named) - 1, 0, -1):
        if named[upper].isupper() and named[upper - 1].islower() or named[upper].isupper() and named[:upper] == "P":
            named = named[:upper] + "-" + named[upper:]
    return {"Time-Stamp": "Timestamp", "Mime-Version": "MIME-Version", "Min-SE": "Min-SE"}.get(named, named.replace("_", "-"))


def value_of(text):
    octets = {"\\r": "\r", "\\n": "\n", "\\t": "\t", "\\\\": "\\"}
    return re.sub(r"\\[rnt\\]", lambda found: octets[found.group()], text)


def judge(name, value):
    """The typed form's refusals, None where there is no typed form; refused by the parser of the message: so it says."""
    named, colon, rest = value.partition(":")
    if colon and (named.strip().lower() == name.lower() or len(named.strip()) == 1):
        value = rest
    given = HEAD + f"{name}: {value.strip()}\r\n".encode() + b"\r\n"
    shown = json.loads(run(["--json-full", "-"], given)[0])
    if not shown["ok"]:
        return shown["error"]
    header = shown["headers"][-1]
    if header["id"] == 0:
        return None
    errors = errors_of(header["typed"])
    return errors[0]["error"] if errors else "OK"


def table():
    rows = {}
    with open(os.path.join(TESTS, "tool", "sip_typed_disagreements.tsv"), encoding="utf-8") as file:
        for line in file.read().splitlines()[1:]:
            key, said, verdict, reason = line.split("\t")
            rows[key] = (said, verdict) if reason else None
    return rows


def check_header_values():
    path = os.path.join(CORPORA, VALUES)
    if not os.path.exists(path):
        print("no corpora: header values not looked at")
        return
    explained, counts = table(), {"agree": 0, "disagree": 0, "no typed form": 0}
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        named, text, said = line.split("\t")[:3]
        if named in OTHERS:
            continue
        verdict = judge(header_name(named), value_of(text))
        said = "good" if said.startswith("accept") else "bad"
        if verdict is None:
            counts["no typed form"] += 1
        elif (verdict == "OK") == (said == "good"):
            counts["agree"] += 1
        else:
            counts["disagree"] += 1
            if explained.pop(f"{VALUES}:{number}", None) != (said, verdict):
                yield f"{VALUES}:{number}\t{said}\t{verdict}\t{named}: {text}"
    for key in explained:
        yield f"{key}: no disagreement"
    print(f"header values: {counts}")


CHECKS = (check_vectors, check_messages, check_cut_messages, check_header_values)
FOUND = [what for check in CHECKS for what in check()]
for what in FOUND:
    print(what)
print(f"{len(FOUND)} wrong")
if not FOUND and not os.path.isdir(CORPORA):
    sys.exit(77)
sys.exit(1 if FOUND else 0)
