/* SPDX-License-Identifier: MIT */
/* Writing XML: long texts of several kinds, and stanzas that were read or are made from nothing;
 * texts beside libxml2's escaping, whose result is compared first.
 *   bench_xml_write            the median of runs
 *   bench_xml_write --list     the cases
 *   bench_xml_write --once C N N rounds of one case and nothing else, for callgrind */
#include "stox/status.h"
#include "stox/xml.h"

#include <libxml/entities.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 1 << 16, RUNS = 31, BATCH = 20 };

static char text[TEXT + 1];
static char memory[6 * TEXT];
static char arena_memory[1 << 14];
static const stox_xml_element *stanza;
static size_t written;

static const char stanza_text[] =
    "<message xmlns='jabber:client' from='romeo@montague.example/orchard' "
    "to='juliet@capulet.example/balcony' id='5a7c1e90-2f4b' type='chat' xml:lang='en'><body>By a "
    "name I know not how to tell thee who I am: my name, dear saint, is hateful to myself, because "
    "it is an enemy to thee; had I it written, I would tear the word.</body><active "
    "xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>";

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static void fill(const char *piece) {
  const size_t n = strlen(piece);
  size_t at = 0;
  for (; at + n <= TEXT; at += n) {
    memcpy(text + at, piece, n);
  }
  memset(text + at, ' ', TEXT - at);
}

static void escape_text(void) {
  stox_buf out;
  stox_buf_init(&out, memory, sizeof memory);
  require(stox_xml_escape(&out, (stox_span){text, TEXT}, 0) == STOX_OK);
  written = out.len;
}

static void escape_by_libxml2(void) {
  xmlChar *escaped = xmlEncodeSpecialChars(NULL, (const xmlChar *)text);
  require(escaped != NULL);
  written = strlen((const char *)escaped);
  xmlFree(escaped);
}

static void begin_ascii(void) {
  fill("But soft, what light through yonder window breaks? It is the east. ");
}

static void begin_marks(void) {
  fill("Tybalt & Mercutio: 1 < 2, \"and\" so on; that's a plain text with some marks in it. ");
}

static void begin_czech(void) {
  fill("N\xc3\xa1hl\xc3\xa1 radost m\xc3\xa1 n\xc3\xa1hl\xc3\xbd konec a um\xc3\xadr\xc3\xa1 ve "
       "sv\xc3\xa9m triumfu, jako ohe\xc5\x88 a prach. ");
}

static void begin_chinese(void) {
  fill("\xe9\x82\xa3\xe8\xbe\xb9\xe7\xaa\x97\xe5\xad\x90\xe9\x87\x8c\xe4\xba\xae\xe8\xb5\xb7\xe6"
       "\x9d\xa5\xe7\x9a\x84\xe6\x98\xaf\xe4\xbb\x80\xe4\xb9\x88\xe5\x85\x89\xef\xbc\x9f");
}

static void begin_stanza(void) {
  static stox_arena arena;
  stox_xml_reader *reader = NULL;
  size_t consumed = 0;
  int kind = 0;
  stox_arena_init(&arena, arena_memory, sizeof arena_memory, 0, NULL);
  require(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  require(stox_xml_feed(reader, &consumed, stox_span_text("<s>"), NULL) == STOX_OK);
  require(stox_xml_next(reader, &arena, &kind, &stanza) == STOX_OK);
  require(stox_xml_feed(reader, &consumed, stox_span_text(stanza_text), NULL) == STOX_OK);
  require(stox_xml_next(reader, &arena, &kind, &stanza) == STOX_OK);
  stox_xml_reader_del(reader);
}

static void write_stanza(void) {
  stox_buf out;
  stox_buf_init(&out, memory, sizeof memory);
  require(stox_xml_write(&out, stanza, (stox_span){"", 0}) == STOX_OK);
  written = out.len;
}

static void make_stanza(void) {
  static const char body[] =
      "By a name I know not how to tell thee who I am: my name, dear saint, is hateful to myself, "
      "because it is an enemy to thee; had I it written, I would tear the word.";
  stox_xml_writer w;
  stox_buf out;
  stox_buf_init(&out, memory, sizeof memory);
  stox_xml_writer_init(&w, &out, (stox_span){"", 0});
  stox_xml_open(&w, "jabber:client", "message");
  stox_xml_put_attribute(&w, "from", stox_span_text("romeo@montague.example/orchard"));
  stox_xml_put_attribute(&w, "to", stox_span_text("juliet@capulet.example/balcony"));
  stox_xml_put_attribute(&w, "id", stox_span_text("5a7c1e90-2f4b"));
  stox_xml_put_attribute(&w, "type", stox_span_text("chat"));
  stox_xml_put_attribute(&w, "xml:lang", stox_span_text("en"));
  stox_xml_open(&w, NULL, "body");
  stox_xml_put_text(&w, (stox_span){body, sizeof body - 1});
  stox_xml_close(&w);
  stox_xml_open(&w, "http://jabber.org/protocol/chatstates", "active");
  stox_xml_close(&w);
  stox_xml_open(&w, "urn:xmpp:receipts", "request");
  stox_xml_close(&w);
  stox_xml_close(&w);
  require(stox_xml_writer_end(&w) == STOX_OK);
  written = out.len;
}

static const struct bench_case {
  const char *name;
  void (*begin)(void);
  void (*run)(void);
  int rounds; /* in one measured batch */
} cases[] = {
    {"ascii", begin_ascii, escape_text, 1},
    {"ascii-libxml2", begin_ascii, escape_by_libxml2, 1},
    {"marks", begin_marks, escape_text, 1},
    {"marks-libxml2", begin_marks, escape_by_libxml2, 1},
    {"czech", begin_czech, escape_text, 1},
    {"czech-libxml2", begin_czech, escape_by_libxml2, 1},
    {"chinese", begin_chinese, escape_text, 1},
    {"chinese-libxml2", begin_chinese, escape_by_libxml2, 1},
    {"stanza-write", begin_stanza, write_stanza, 200},
    {"stanza-make", begin_stanza, make_stanza, 200},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double time_case(const struct bench_case *c) {
  double runs[RUNS];
  for (size_t i = 0; i < RUNS; i++) {
    const double from = now();
    for (int k = 0; k < BATCH * c->rounds; k++) {
      c->run();
    }
    runs[i] = (now() - from) / (BATCH * c->rounds);
  }
  qsort(runs, RUNS, sizeof runs[0], by_size);
  return runs[RUNS / 2];
}

static int run_once(const char *name, long rounds) {
  for (size_t i = 0; i < CASES; i++) {
    if (strcmp(cases[i].name, name) == 0) {
      cases[i].begin();
      for (long k = 0; k < rounds; k++) {
        cases[i].run();
      }
      return 0;
    }
  }
  return 1;
}

/* Both of ours give the stanza as it was read; of texts, libxml2 escapes '"' as well. */
static void check_facts(void) {
  begin_stanza();
  write_stanza();
  require(written == sizeof stanza_text - 1 && memcmp(memory, stanza_text, written) == 0);
  make_stanza();
  require(written == sizeof stanza_text - 1 && memcmp(memory, stanza_text, written) == 0);
  begin_czech();
  escape_text();
  const size_t ours = written;
  escape_by_libxml2();
  require(written == ours);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (size_t i = 0; i < CASES; i++) {
      (void)puts(cases[i].name);
    }
    return 0;
  }
  if (argc == 4 && strcmp(argv[1], "--once") == 0) {
    return run_once(argv[2], strtol(argv[3], NULL, 10));
  }
  check_facts();
  (void)printf("%-18s %12s %10s\n", "case", "ns", "GB/s");
  for (size_t i = 0; i < CASES; i++) {
    cases[i].begin();
    const double ns = time_case(&cases[i]);
    (void)printf("%-18s %12.1f %10.2f\n", cases[i].name, ns, (double)written / ns);
  }
  return 0;
}
