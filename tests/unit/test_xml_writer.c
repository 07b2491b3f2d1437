/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

#include "stox/xml.h"

#include <dirent.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>

/* Runs `write` at every cap: what fits is written, what does not is counted. */
typedef int (*write_function)(stox_buf *out, const void *ud);

static void check_caps(write_function write, const void *ud, stox_span want) {
  char memory[2048];
  assert_true(want.n < sizeof memory);
  for (size_t cap = 0; cap <= want.n + 1; cap++) {
    stox_buf out;
    memset(memory, 0x5a, sizeof memory);
    stox_buf_init(&out, memory, cap);
    assert_status(write(&out, ud), cap < want.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, want.n);
    assert_int_equal(memory[cap], 0x5a);
    if (cap >= want.n) {
      assert_span_equal(stox_buf_span(&out), want);
    }
  }
}

typedef struct escape_row {
  stox_span text;
  const char *as_text;
  const char *as_attribute;
} escape_row;

static int escape_as_text(stox_buf *out, const void *ud) {
  return stox_xml_escape(out, *(const stox_span *)ud, 0);
}

static int escape_as_attribute(stox_buf *out, const void *ud) {
  return stox_xml_escape(out, *(const stox_span *)ud, 1);
}

static void test_escape(void **state) {
  (void)state;
  const escape_row rows[] = {
      {S(""), "", ""},
      {{NULL, 0}, "", ""},
      {S("abc"), "abc", "abc"},
      {S("<&>"), "&lt;&amp;&gt;", "&lt;&amp;&gt;"},
      {S("]]>"), "]]&gt;", "]]&gt;"},
      {S("'\""), "'\"", "&apos;&quot;"},
      {S("a\tb\nc\rd"), "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"},
      {S("\x7f\xc2\x85\xc3\xa9\xe2\x80\xa8"), "\x7f\xc2\x85\xc3\xa9\xe2\x80\xa8",
       "\x7f\xc2\x85\xc3\xa9\xe2\x80\xa8"},
      {S("\xef\xbf\xbd\xf0\x9f\x98\x80"), "\xef\xbf\xbd\xf0\x9f\x98\x80",
       "\xef\xbf\xbd\xf0\x9f\x98\x80"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard text = guard_copy(rows[i].text);
    check_caps(escape_as_text, &text.span, stox_span_text(rows[i].as_text));
    check_caps(escape_as_attribute, &text.span, stox_span_text(rows[i].as_attribute));
    guard_free(&text);
  }
}

/* What XML 1.0 2.2 has no place for, not even as a reference. */
typedef struct unfit_row {
  stox_span text;
  int status;
} unfit_row;

static const unfit_row unfit[] = {
    {{"\0", 1}, STOX_E_CTRL},           {{"a\x01", 2}, STOX_E_CTRL},
    {{"\x0b", 1}, STOX_E_CTRL},         {{"\x0c", 1}, STOX_E_CTRL},
    {{"\x1b", 1}, STOX_E_CTRL},         {{"\x1f", 1}, STOX_E_CTRL},
    {{"\xef\xbf\xbe", 3}, STOX_E_CTRL}, {{"a\xef\xbf\xbf", 4}, STOX_E_CTRL},
    {{"\x80", 1}, STOX_E_BAD_UTF8},     {{"\xc3", 1}, STOX_E_BAD_UTF8},
    {{"\xef\xbf", 2}, STOX_E_BAD_UTF8}, {{"\xed\xa0\x80", 3}, STOX_E_BAD_UTF8},
};

static void test_escape_refuses(void **state) {
  (void)state;
  char memory[16];
  for (size_t i = 0; i < COUNT(unfit); i++) {
    stox_buf out;
    stox_buf_init(&out, memory, sizeof memory);
    guard text = guard_copy(unfit[i].text);
    assert_status(stox_buf_put(&out, S("x")), STOX_OK);
    assert_status(stox_xml_escape(&out, text.span, 0), unfit[i].status);
    assert_status(stox_xml_escape(&out, text.span, 1), unfit[i].status);
    assert_span_equal(stox_buf_span(&out), S("x"));
    guard_free(&text);
  }
}

/* Octet by octet, as the rows above have it. */
static size_t escape_slowly(char *out, stox_span text, int is_attribute) {
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) {
    static const char octets[] = "&<>\r'\"\t\n";
    static const char *const instead[] = {"&amp;",  "&lt;",   "&gt;", "&#13;",
                                          "&apos;", "&quot;", "&#9;", "&#10;"};
    const char *found = memchr(octets, text.p[i], sizeof octets - 1);
    const size_t k = found == NULL ? 8 : (size_t)(found - octets);
    if (k < (is_attribute ? 8U : 4U)) {
      memcpy(out + n, instead[k], strlen(instead[k]));
      n += strlen(instead[k]);
    } else {
      out[n++] = text.p[i];
    }
  }
  return n;
}

static size_t fill_text(char *p, size_t n, uint64_t *random) {
  static const char *const pieces[] = {"&",  "<",  ">",        "\r",           "'",
                                       "\"", "\t", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  size_t at = 0;
  while (at + 4 < n) {
    const uint64_t draw = test_random(random) % 200;
    const char *piece = draw < COUNT(pieces) ? pieces[draw] : "a";
    memcpy(p + at, piece, strlen(piece));
    at += strlen(piece);
  }
  memset(p + at, 'b', n - at);
  return n;
}

/* A run of octets above 0x7F that is longer than a window. */
static void fill_high(char *p, size_t n) {
  for (size_t i = 0; i < n; i += 3) {
    memcpy(p + i, "\xe2\x82\xac", 3);
  }
}

/* Long texts are read by maps: every length, at a page that cannot be read behind. */
static void test_escape_any_length(void **state) {
  (void)state;
  static char text[1500];
  static char want[6 * sizeof text];
  static char got[6 * sizeof text];
  uint64_t random = 17;
  for (size_t n = 0; n < sizeof text; n += n < 300 ? 1 : 29) {
    (void)fill_text(text, n, &random);
    if (n % 2 == 0 && n > 1200) {
      fill_high(text, 1200);
    }
    guard g = guard_copy((stox_span){text, n});
    for (int is_attribute = 0; is_attribute < 2; is_attribute++) {
      const size_t want_n = escape_slowly(want, g.span, is_attribute);
      stox_buf out;
      stox_buf_init(&out, got, sizeof got);
      assert_status(stox_xml_escape(&out, g.span, is_attribute), STOX_OK);
      assert_span_equal(stox_buf_span(&out), ((stox_span){want, want_n}));
    }
    guard_free(&g);
  }
}

/* What XML cannot carry is found wherever it stands. */
static void test_escape_refuses_anywhere(void **state) {
  (void)state;
  char text[260];
  char memory[6 * sizeof text];
  for (size_t n = 8; n < sizeof text; n += 7) {
    for (size_t at = 0; at + 4 < n; at++) {
      const unfit_row *row = &unfit[at % COUNT(unfit)];
      stox_buf out;
      memset(text, 'c', n);
      memcpy(text + at, row->text.p, row->text.n);
      stox_buf_init(&out, memory, sizeof memory);
      assert_status(stox_xml_escape(&out, (stox_span){text, n}, 1), row->status);
      assert_int_equal(out.len, 0);
    }
  }
}

static int write_message(stox_buf *out, const void *ud) {
  stox_xml_writer w;
  (void)ud;
  stox_xml_writer_init(&w, out, S("jabber:client"));
  stox_xml_open(&w, "jabber:client", "message");
  stox_xml_put_attribute(&w, "to", S("a&'b"));
  stox_xml_put_attribute(&w, "from", (stox_span){NULL, 0});
  stox_xml_put_attribute(&w, "id", S(""));
  stox_xml_put_attribute(&w, "xml:lang", S("de"));
  stox_xml_open(&w, NULL, "body");
  stox_xml_put_text(&w, S("x<"));
  stox_xml_put_text(&w, S("y"));
  stox_xml_close(&w);
  stox_xml_open(&w, "urn:x", "request");
  stox_xml_open(&w, NULL, "inner");
  stox_xml_close(&w);
  stox_xml_open(&w, "", "none");
  stox_xml_close(&w);
  stox_xml_close(&w);
  stox_xml_open(&w, "jabber:client", "subject");
  stox_xml_put_text(&w, S(""));
  stox_xml_close(&w);
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}

static void test_writer(void **state) {
  (void)state;
  check_caps(write_message, NULL,
             S("<message to='a&amp;&apos;b' id='' xml:lang='de'><body>x&lt;y</body>"
               "<request xmlns='urn:x'><inner/><none xmlns=''/></request><subject/></message>"));
}

static int write_stream(stox_buf *out, const void *ud) {
  stox_xml_writer w;
  (void)ud;
  stox_xml_writer_init(&w, out, (stox_span){NULL, 0});
  stox_xml_open_stream(&w, "jabber:component:accept");
  stox_xml_put_attribute(&w, "to", S("sip.example"));
  int status = stox_xml_writer_end(&w);
  if (status == STOX_OK || status == STOX_E_NOBUF) {
    stox_xml_writer_init(&w, out, S("jabber:component:accept"));
    stox_xml_open(&w, "http://etherx.jabber.org/streams", "error");
    stox_xml_open(&w, "urn:ietf:params:xml:ns:xmpp-streams", "conflict");
    stox_xml_close(&w);
    stox_xml_open(&w, "jabber:component:accept", "x");
    stox_xml_close(&w);
    stox_xml_close(&w);
    status = stox_xml_writer_end(&w);
  }
  return status == STOX_OK || status == STOX_E_NOBUF ? stox_xml_close_stream(out) : status;
}

static void test_stream(void **state) {
  (void)state;
  static const char want[] =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
      "xmlns:stream='http://etherx.jabber.org/streams' to='sip.example'>"
      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><x/></stream:error>"
      "</stream:stream>";
  check_caps(write_stream, NULL, S(want));
  static xml_run run;
  xml_run_stream(&run, S(want), 0, NULL);
  assert_status(run.status, STOX_OK);
  assert_non_null(strstr(run.text, "E<stream:error xmlns='jabber:component:accept' "));
}

/* The first refusal sticks, and nothing is left of what was written before it. */
static int misuse(stox_buf *out, int how) {
  stox_xml_writer w;
  stox_xml_writer_init(&w, out, S("u"));
  if (how == 0) {
    stox_xml_close(&w);
  }
  if (how == 1) {
    stox_xml_put_text(&w, S("x"));
  }
  if (how == 2) {
    stox_xml_put_attribute(&w, "a", S("x"));
  }
  stox_xml_open(&w, "u", "a");
  stox_xml_put_text(&w, S("x"));
  if (how == 3) {
    stox_xml_put_attribute(&w, "a", S("x"));
  }
  if (how == 4) {
    stox_xml_open_stream(&w, "v");
  }
  if (how != 5) {
    stox_xml_close(&w);
  }
  return stox_xml_writer_end(&w);
}

static void test_misuse(void **state) {
  (void)state;
  char memory[64];
  for (int how = 0; how < 6; how++) {
    stox_buf out;
    stox_buf_init(&out, memory, sizeof memory);
    assert_status(stox_buf_put(&out, S("kept")), STOX_OK);
    assert_status(misuse(&out, how), STOX_E_STATE);
    assert_span_equal(stox_buf_span(&out), S("kept"));
  }
}

static int write_unfit(stox_buf *out, stox_span text, int where) {
  stox_xml_writer w;
  stox_xml_writer_init(&w, out, S("u"));
  stox_xml_open_span(&w, where == 0 ? text : S("v"), "a");
  stox_xml_put_attribute(&w, "b", where == 1 ? text : S("c"));
  stox_xml_put_text(&w, where == 2 ? text : S("d"));
  stox_xml_put_text(&w, S("\x01"));
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}

static void test_writer_refuses(void **state) {
  (void)state;
  char memory[64];
  for (size_t i = 0; i < 3 * COUNT(unfit); i++) {
    stox_buf out;
    stox_buf_init(&out, memory, i % 2 == 0 ? sizeof memory : 5);
    assert_status(stox_buf_put(&out, S("kept")), STOX_OK);
    assert_status(write_unfit(&out, unfit[i / 3].text, (int)(i % 3)), unfit[i / 3].status);
    assert_span_equal(stox_buf_span(&out), S("kept"));
  }
}

static void test_depth(void **state) {
  (void)state;
  char memory[256];
  for (size_t depth = 15; depth <= 17; depth++) {
    stox_buf out;
    stox_xml_writer w;
    stox_buf_init(&out, memory, sizeof memory);
    stox_xml_writer_init(&w, &out, S("u"));
    for (size_t i = 0; i < depth; i++) {
      stox_xml_open(&w, "u", "a");
    }
    for (size_t i = 0; i < depth; i++) {
      stox_xml_close(&w);
    }
    assert_status(stox_xml_writer_end(&w), depth <= 16 ? STOX_OK : STOX_E_TOO_DEEP);
    assert_int_equal(out.len, depth <= 16 ? depth * 7 - 3 : 0);
  }
}

/* An element goes to another scope: what it had from where it stood goes with it. */
typedef struct scope_row {
  const char *stream;
  const char *path; /* names of children on the way down, one letter each */
  stox_span default_ns;
  const char *written;
} scope_row;

static int write_in_scope(stox_buf *out, const void *ud) {
  const stox_xml_element *const *element = ud;
  return stox_xml_write(out, *element, S("u"));
}

static void test_scopes(void **state) {
  (void)state;
  const scope_row rows[] = {
      {"<s xmlns='u'><a b='1'/>", "", S("u"), "<a b='1'/>"},
      {"<s xmlns='u'><a b='1'/>", "", S(""), "<a xmlns='u' b='1'/>"},
      {"<s xmlns='u'><a b='1'/>", "", {NULL, 0}, "<a xmlns='u' b='1'/>"},
      {"<s xmlns='u'><a b='1'/>", "", S("v"), "<a xmlns='u' b='1'/>"},
      {"<s><a/>", "", S("v"), "<a xmlns=''/>"},
      {"<s xmlns='u'><a xmlns='v'><b xmlns='u'/><b xmlns='v'/></a>", "", S("u"),
       "<a xmlns='v'><b xmlns='u'/><b/></a>"},
      {"<s xmlns:p='q'><p:a/>", "", S(""), "<p:a xmlns:p='q'/>"},
      {"<s xmlns:p='q' xmlns:r='t'><a p:b=''><r:c/></a>", "", S(""),
       "<a xmlns:p='q' xmlns:r='t' p:b=''><r:c/></a>"},
      {"<s xmlns='u' xmlns:p='q'><a><b><p:c/></b></a>", "b", S("u"), "<b xmlns:p='q'><p:c/></b>"},
      {"<s xmlns='u' xmlns:p='q'><a xmlns:r='t'><b r:d=''/><p:c/></a>", "b", S("u"),
       "<b xmlns:r='t' r:d=''/>"},
      {"<s xmlns='u' xmlns:p='q'><a xmlns:r='t'><b/><r:c/></a>", "b", S("u"), "<b/>"},
      {"<s xmlns='u'><a xmlns:p='q'><b xmlns:p='r'><p:c/></b><p:d/></a>", "b", S("u"),
       "<b xmlns:p='r'><p:c/></b>"},
      {"<s xmlns='u'><a xmlns:p='q'><b xmlns:p='r'><c><p:d/></c></b></a>", "bc", S("u"),
       "<c xmlns:p='r'><p:d/></c>"},
      {"<s xmlns='u'><p:a xmlns:p='q' xmlns='v'><b/></p:a>", "", S("u"),
       "<p:a xmlns='v' xmlns:p='q'><b/></p:a>"},
      {"<s xmlns='u'><a xml:lang='de'><b xml:space='preserve'> </b></a>", "b", S("u"),
       "<b xml:space='preserve'> </b>"},
      {"<s xmlns='u'><a>1<b>2</b>3<c/>4</a>", "", S("u"), "<a>1<b>2</b>3<c/>4</a>"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    const stox_xml_element *e = xml_child_of_stream(&arena, stox_span_text(rows[i].stream));
    for (const char *c = rows[i].path; *c != '\0'; c++) {
      const char name[] = {*c, '\0'};
      e = stox_xml_child(e, NULL, name, NULL);
      assert_non_null(e);
    }
    if (stox_span_is_equal(rows[i].default_ns, S("u"))) {
      check_caps(write_in_scope, &e, stox_span_text(rows[i].written));
    }
    char memory[256];
    stox_buf out;
    stox_buf_init(&out, memory, sizeof memory);
    assert_status(stox_xml_write(&out, e, rows[i].default_ns), STOX_OK);
    assert_span_equal(stox_buf_span(&out), stox_span_text(rows[i].written));
    stox_xml_writer w;
    out.len = 0;
    stox_xml_writer_init(&w, &out, rows[i].default_ns);
    stox_xml_put_element(&w, e);
    assert_status(stox_xml_writer_end(&w), STOX_OK);
    assert_span_equal(stox_buf_span(&out), stox_span_text(rows[i].written));
    stox_arena_clear(&arena);
  }
}

static void ignore(void *ud, const char *format, ...) {
  (void)ud, (void)format;
}

/* Exclusive canonical XML by libxml2; NULL: not a document. The caller frees. */
static xmlChar *canonical(stox_span text) {
  xmlChar *out = NULL;
  xmlSetGenericErrorFunc(NULL, ignore);
  xmlDocPtr document =
      xmlReadMemory(text.p, (int)text.n, NULL, NULL,
                    XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document != NULL) {
    (void)xmlC14NDocDumpMemory(document, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &out);
    xmlFreeDoc(document);
  }
  return out;
}

/* What was read and written again is canonically what it was. 0: not XMPP's XML, or not a document
 * that has a canonical form. */
static int check_canonical(stox_span text) {
  static char written[1 << 20];
  stox_xml_reader *reader = NULL;
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  size_t consumed = 0;
  int kind = 0;
  const stox_xml_element *element = NULL;
  assert_status(stox_xml_feed(reader, &consumed, S("<s>"), NULL), STOX_OK);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  const stox_span body = stox_span_trim(text);
  int is_read = stox_xml_feed(reader, &consumed, body, NULL) == STOX_OK &&
                stox_xml_next(reader, &arena, &kind, &element) == STOX_OK &&
                kind == STOX_XML_ELEMENT && consumed == body.n;
  if (is_read) {
    stox_buf out;
    stox_buf_init(&out, written, sizeof written);
    assert_status(stox_xml_write(&out, element, S("")), STOX_OK);
    xmlChar *before = canonical(body);
    xmlChar *after = canonical(stox_buf_span(&out));
    is_read = before != NULL;
    if (is_read) {
      assert_non_null(after);
      assert_string_equal((const char *)before, (const char *)after);
    }
    xmlFree(before);
    xmlFree(after);
  }
  stox_xml_reader_del(reader);
  stox_arena_clear(&arena);
  return is_read;
}

static void test_canonical(void **state) {
  (void)state;
  const stox_span rows[] = {
      S("<a/>"),
      S("<a b='1' a=\"'&quot;\">\r\n<![CDATA[ <x> ]]>&#13;&amp;</a>"),
      S("<p:a xmlns:p='urn:q' xmlns='urn:r' p:b='1' c='2'><d xmlns=''><p:e/></d><d/></p:a>"),
      S("<a xmlns:p='urn:1'><b xmlns:p='urn:2'><p:c/></b><p:c xmlns:p='urn:3' "
        "p:d='&#9;&#10;'/><p:c/></a>"),
      S("<a xml:lang='de' xml:space='preserve'> <b xml:lang=''/> </a>"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_true(check_canonical(rows[i]));
  }
}

typedef struct tally {
  size_t files;
  size_t read;
} tally;

static void check_file(const char *path, tally *t) {
  static char text[1 << 18];
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(text, 1, sizeof text, file);
  (void)fclose(file);
  t->files++;
  t->read += (size_t)check_canonical((stox_span){text, n});
}

static void check_folder(const char *folder, tally *t) {
  DIR *dir = opendir(folder);
  for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL; e = readdir(dir)) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    const size_t n = strlen(e->d_name);
    if (n > 4 && strcmp(e->d_name + n - 4, ".xml") == 0) {
      check_file(path, t);
    }
  }
  if (dir != NULL) {
    (void)closedir(dir);
  }
}

/* Stanzas of implementations and examples of the documents, where they are at hand. */
static void test_corpora(void **state) {
  (void)state;
  const char *corpora[] = {"xmpp-stanzas", "xep-examples", "xml-rfc", "caps"};
  tally t = {0, 0};
  for (size_t i = 0; i < COUNT(corpora); i++) {
    char top[2048];
    (void)snprintf(top, sizeof top, "%s/%s", STOX_CORPORA, corpora[i]);
    check_folder(top, &t);
    DIR *dir = opendir(top);
    for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL; e = readdir(dir)) {
      char folder[4096];
      (void)snprintf(folder, sizeof folder, "%s/%s", top, e->d_name);
      if (e->d_name[0] != '.') {
        check_folder(folder, &t);
      }
    }
    if (dir != NULL) {
      (void)closedir(dir);
    }
  }
  print_message("%zu files, %zu of them one element of XMPP's XML\n", t.files, t.read);
  if (t.files == 0) {
    skip();
  }
  assert_in_range(t.read, t.files / 2, t.files);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_escape),
      cmocka_unit_test(test_escape_refuses),
      cmocka_unit_test(test_escape_any_length),
      cmocka_unit_test(test_escape_refuses_anywhere),
      cmocka_unit_test(test_writer),
      cmocka_unit_test(test_stream),
      cmocka_unit_test(test_misuse),
      cmocka_unit_test(test_writer_refuses),
      cmocka_unit_test(test_depth),
      cmocka_unit_test(test_scopes),
      cmocka_unit_test(test_canonical),
      cmocka_unit_test(test_corpora),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
