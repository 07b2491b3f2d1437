/* SPDX-License-Identifier: MIT */
#include "tool.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: stox COMMAND [OPTION...] INPUT...\n"
    "  map [--mode reversible|rfc7247] [--to sip|sips|im|pres] [--resource keep|drop] ADDRESS...\n"
    "  jid [--profile nodeprep|none|precis] JID...\n"
    "  uri URI...                 the canonical form\n"
    "  uri --compare A B          equal or different (RFC 3261 19.1.4)\n"
    "  error sip [--contact URI] CODE...\n"
    "  error xmpp [--scope full|bare|domain] [--text ADDRESS] [--cause unresolvable]\n"
    "             CONDITION...\n"
    "  sip [--lenient] [--json|--json-full] FILE...\n"
    "                             one JSON object a message; full: typed headers, parts of bodies\n"
    "  xml [--document] FILE...   one JSON object an event of an XMPP stream, or an XML document\n"
    "  flow-token make --key HEX [--serial N] TRANSPORT/LOCAL:PORT/REMOTE:PORT...\n"
    "  flow-token check --key HEX TOKEN...\n"
    "  gruu make [--dialect rfc|draft] --instance URN AOR...\n"
    "  gruu make --key HEX --mark-key HEX --index N DOMAIN...     temporary\n"
    "  gruu classify [--key HEX [--mark-key HEX]] URI...\n"
    "  stun HEX...                type, generation, id, mapped address or code of an error\n"
    "One answer a line, tabs between fields, the input first; `!NAME` is a refusal. `-` reads "
    "lines\n"
    "(sip, xml: the octets) of standard input. Exit status: 0, 1 something was refused, 2 usage.\n";

typedef struct command {
  const char *name;
  int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
    {"map", command_map},
    {"jid", command_jid},
    {"uri", command_uri},
    {"error", command_error},
    {"sip", command_sip},
    {"xml", command_xml},
    {"flow-token", command_flow_token},
    {"gruu", command_gruu},
    {"stun", command_stun},
};

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--help") == 0) {
    return fputs(help, stdout) < 0 || fflush(stdout) != 0 ? TOOL_USAGE : TOOL_OK;
  }
  for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
    if (strcmp(argv[1], commands[i].name) == 0) {
      return commands[i].run(argc - 2, argv + 2);
    }
  }
  (void)fputs(help, stderr);
  return TOOL_USAGE;
}
