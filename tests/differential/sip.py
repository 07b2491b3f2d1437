#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sip.py DIFFERENTIAL_SIP [CORPORA]: libstox and other SIP parsers on the same messages: those of tests/vectors, and of the corpora
where they are at hand. Where both accept a message they must find the same facts; where our strict parser accepts or both of ours
refuse, the other must do so too. sip.tsv explains each disagreement: messages, parsers, fact, what libstox and the other find (patterns,
`-` absent), who is right by the grammar (libstox, peer, neither, or either: the grammar leaves it open), the rule, the reason.
A disagreement without a line fails, and so does a line without one. --list prints what is not explained as lines to fill in.

A message whose Content-Length is not that of its body is compared once more with the right one, as MESSAGE+length."""
import collections
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
COLUMNS = ["message", "parser", "fact", "libstox", "other", "right", "rule", "reason"]
Difference = collections.namedtuple("Difference", "message parser fact ours theirs")
LENGTH = re.compile(rb"^((?:Content-Length|l)[ \t]*:[ \t]*)([^\r\n]*)(?=\r?$)", re.IGNORECASE | re.MULTILINE)


def messages(corpora):
    """Name and path of each."""
    for path in sorted(VECTORS.rglob("*.sip")):
        yield f"vectors/{path.relative_to(VECTORS)}", path
    for folder in ("sip-rfc", "sip-torture", "stox"):
        for path in sorted(p for p in (corpora / folder).rglob("*") if p.suffix in (".sip", ".dat")):
            yield str(path.relative_to(corpora)), path


def mended(octets):
    """The message with the length that its body has; None if it has that, or no single Content-Length."""
    end = re.search(rb"\r?\n\r?\n", octets)
    if not end:
        return None
    head, body = octets[: end.start() + 1], octets[end.end() :]
    found = LENGTH.findall(head)
    if len(found) != 1 or found[0][1].strip() == b"%d" % len(body):
        return None
    return LENGTH.sub(rb"\g<1>%d" % len(body), head) + octets[end.start() + 1 :]


def with_mended(corpora, folder):
    for number, (name, path) in enumerate(messages(corpora)):
        yield name, path
        octets = mended(path.read_bytes())
        if octets is not None:
            copy = folder / f"{number}.sip"
            copy.write_bytes(octets)
            yield name + "+length", copy


def sheets(program, files):
    """For each file, for each parser its verdict and facts."""
    out = subprocess.run([program], input="\n".join(map(str, files)) + "\n", stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    found = {}
    for line in out.splitlines():
        head, _, rest = line.partition(" ")
        if head == "=":
            found[rest] = parsers = {}
        elif head == "-":
            parser, _, verdict = rest.partition(" ")
            parsers[parser] = verdict, (facts := {})
        else:
            facts[head] = rest
    return found


def compare(name, parsers):
    verdict, facts = parsers["libstox"]
    for parser, (other, found) in parsers.items():
        if parser == "libstox" or (verdict == "lenient" and other == "refused"):
            continue
        if verdict in ("ok", "lenient") and other == "ok":
            for fact in sorted(set(facts) | set(found)):
                if facts.get(fact) != found.get(fact):
                    yield Difference(name, parser, fact, facts.get(fact, "-"), found.get(fact, "-"))
        elif (verdict in ("ok", "lenient")) != (other == "ok") or other not in ("ok", "refused"):
            yield Difference(name, parser, "verdict", verdict, other)


def rows():
    lines = (HERE / "sip.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == COLUMNS, "sip.tsv has other columns"
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        assert len(cells) == len(COLUMNS), f"sip.tsv:{number}: not {len(COLUMNS)} columns"
        row = dict(zip(COLUMNS, cells), number=number)
        assert row["right"] in ("libstox", "peer", "either", "neither"), f"sip.tsv:{number}: who is right?"
        yield row


def explains(row, difference):
    if difference.parser not in row["parser"].split(",") and row["parser"] != "*":
        return False
    if not any(fnmatch.fnmatchcase(difference.message, pattern) for pattern in row["message"].split(" ")):
        return False
    return all(fnmatch.fnmatchcase(text, row[column]) for column, text in zip(COLUMNS[2:5], difference[2:]))


def summary(parsers, found, reasons):
    print(f"{'':10} {'messages':>9} {'both take':>10} {'facts':>8} {'other':>6}  who is right where they disagree")
    for parser in parsers:
        both = [p for p in found.values() if p["libstox"][0] in ("ok", "lenient") and p[parser][0] == "ok"]
        facts = sum(len(p["libstox"][1]) for p in both)
        right = collections.Counter(row["right"] for difference, row in reasons if difference.parser == parser)
        differ = sum(difference.parser == parser and difference.fact != "verdict" for difference, _ in reasons)
        print(f"{parser:10} {len(found):9} {len(both):10} {facts:8} {differ:6}  "
              + ", ".join(f"{who} {n}" for who, n in right.most_common()))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--list"]
    program = arguments[0]
    corpora = pathlib.Path(arguments[1]) if len(arguments) > 1 else HERE.parents[2] / "shared" / "corpora"
    present = subprocess.run([program, "--peers"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout.splitlines()
    parsers = [p for p in present if p != "libstox" and not p.startswith("-")]
    print("\n".join(f"not here:{p[1:]}" for p in present if p.startswith("-")), end="")
    with tempfile.TemporaryDirectory() as folder:
        files = dict(with_mended(corpora, pathlib.Path(folder)))
        told = sheets(program, files.values())
    found = {name: told[str(path)] for name, path in files.items()}
    table = list(rows())
    reasons, unknown = [], []
    for name, sheet in found.items():
        for difference in compare(name, sheet):
            row = next((r for r in table if explains(r, difference)), None)
            if row is None:
                unknown.append(difference)
            else:
                reasons.append((difference, row))
    used = {row["number"] for _, row in reasons}
    is_whole = corpora.is_dir() and len(parsers) == 3
    idle = [r for r in table if is_whole and r["number"] not in used]
    if "--list" in sys.argv:
        print("\n".join("\t".join(difference) for difference in unknown))
    else:
        for difference in unknown:
            print("not explained: {}: {}: {}: libstox {}, other {}".format(*difference))
    for row in idle:
        print(f"sip.tsv:{row['number']}: explains nothing")
    summary(parsers, found, reasons)
    if not corpora.is_dir():
        print("no corpora: the vectors alone")
    print(f"{len(unknown)} not explained, {len(idle)} lines idle")
    return 1 if unknown or idle else 0


sys.exit(main())
