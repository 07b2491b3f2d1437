# SPDX-License-Identifier: MIT
"""sipp, as the real SIP client of the tests: scenarios made from a few words."""
import pathlib
import re

import harness

REQUEST = """\
MESSAGE sip:{to} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: "Romeo Montague" <sip:{sender}>;tag=[pid]SIPpTag[call_number]
To: <sip:{to}>
Call-ID: [call_id]
CSeq: 1 MESSAGE
{headers}Content-Type: text/plain;charset=utf-8
Content-Length: [len]

[file name="{body}"]"""

CALLER = """\
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="caller">
  <send {retransmit}><![CDATA[
{request}]]></send>
  <recv response="100" optional="true"/>
  <recv response="{code}" rtd="true"/>
</scenario>
"""

CALLED = """\
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="called">
  <recv request="MESSAGE"><action>
{choices}
  </action></recv>
{jumps}
{answers}
  <label id="end"/>
  <timewait milliseconds="1"/>
</scenario>
"""

ANSWER = """\
  <label id="{code}"/>
  <send next="end"><![CDATA[

SIP/2.0 {code} {reason}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag[call_number]
[last_Call-ID:]
[last_CSeq:]
{headers}Content-Length: 0

]]></send>"""


def call(port, transport="udp", to="juliet@xmpp.example", sender="romeo@sip.example", body="Hi", headers=(), code=200,
         times=1, timeout=12, retransmit=True):
    """Sends the same MESSAGE `times` times, one after the other, and wants `code`; returns (succeeded, octets that sipp saw)."""
    program = harness.Program("sipp")
    (program.folder / "body").write_bytes(body.encode() if isinstance(body, str) else body)
    text = REQUEST.format(to=to, sender=sender, body=program.folder / "body", headers="".join(line + "\n" for line in headers))
    (program.folder / "scenario.xml").write_text(CALLER.format(
        request=text, code=code, retransmit='retrans="500"' if transport == "udp" and retransmit else ""))
    program.arguments = ["sipp", "-sf", "scenario.xml", "-m", str(times), "-l", "1", "-r", "1000", "-nostdin", "-timeout", str(timeout),
                         "-timeout_error", "-default_behaviors", "none", "-t", "u1" if transport == "udp" else "t1", "-i", "127.0.0.1", "-p",
                         str(harness.free_port()), "-trace_msg", "-message_file", "messages", f"127.0.0.1:{port}"]
    program.launch()
    program.process.wait(timeout + 10)
    status = program.end()
    seen = (program.folder / "messages").read_bytes() if (program.folder / "messages").exists() else b""
    return status == 0, seen


def answers(messages):
    """(code, reason) of the responses in what `call` saw."""
    return [(int(code), reason.strip().decode()) for code, reason in re.findall(rb"(?m)^SIP/2\.0 (\d{3}) ([^\r\n]*)", messages)]


class Called(harness.Program):
    """A UAS: a MESSAGE to a user named code404 gets 404; one to anybody else gets 200."""

    def __init__(self, codes=(), headers=None, transport="udp"):
        super().__init__("sipp")
        self.port, headers = harness.free_port(), headers or {}
        choices = "\n".join(f'    <ereg regexp="sip:code{code}@" search_in="msg" assign_to="c{code}"/>' for code in codes)
        jumps = "\n".join(f'  <nop next="{code}" test="c{code}"/>' for code in codes)
        replies = "\n".join(ANSWER.format(code=code, reason="OK" if code == 200 else f"Reason {code}",
                                          headers="".join(line + "\n" for line in headers.get(code, ())))
                            for code in (200, *codes))
        (self.folder / "scenario.xml").write_text(CALLED.format(choices=choices, jumps=jumps, answers=replies))
        self.arguments = ["sipp", "-sf", "scenario.xml", "-nostdin", "-t", "u1" if transport == "udp" else "t1", "-i", "127.0.0.1",
                          "-p", str(self.port), "-trace_msg", "-message_file", "messages", "-trace_err", "-error_file", "errors"]

    def start(self):
        self.launch()
        harness.wait_until(lambda: self._bound(), what="sipp listening")
        return self

    def _bound(self):
        if not self.alive():
            raise AssertionError("sipp ended: " + self.log()[-2000:])
        tables = "".join(pathlib.Path("/proc/net", name).read_text("ascii") for name in ("udp", "tcp"))
        return f":{self.port:04X} " in tables

    def messages(self):
        path = self.folder / "messages"
        return path.read_bytes() if path.exists() else b""
