/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_SIP_VERDICTS_H
#define STOX_TEST_SIP_VERDICTS_H

#include "sip_messages.h"

/* The messages of a document, by name; free what it gives with free(). NULL: not at hand. */
typedef char *(*sip_opener)(size_t *n, const char *name);

/* The octets of a file; free with free(). NULL: not at hand. */
char *sip_read_file(size_t *n, const char *folder, const char *name, const char *suffix);

/* Checks the rows of `<document>.tsv` and `<document>-facts.tsv` whose source is `source`: what the
 * strict and the lenient parser and the framing say of each message, and its facts. Counts the
 * messages that were at hand. */
size_t sip_check_verdicts(const char *document, const char *source, sip_opener open);

#endif
