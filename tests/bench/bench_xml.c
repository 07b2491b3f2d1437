/* SPDX-License-Identifier: MIT */
/* Streams of stanzas beside other parsers of XML: each reads the same stanzas behind one root, and
 * what it saw is compared before anything is timed.
 *   bench_xml               mean nanoseconds a stanza (medians of runs), ratio to libxml2's bare
 *                           events, allocations a stanza
 *   bench_xml --list        the parsers
 *   bench_xml --octets      octets of all stanzas
 *   bench_xml --once P N    N rounds of all stanzas by one parser and nothing else, for callgrind:
 *                           instructions_xml.sh gives instructions an octet by it
 */
#include "stox/status.h"
#include "stox/xml.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if STOX_PEER_EXPAT
#include <expat.h>
#endif
#if STOX_PEER_IKSEMEL
#include <iksemel.h>
#endif
#if STOX_PEER_LIBSTROPHE
#include <strophe.h>
#endif

enum { RUNS = 41, BATCH = 60 };

#define ROOT                                                                                       \
  "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://"                \
  "etherx.jabber.org/streams' from='montague.example' to='capulet.example' id='c0ffee' "           \
  "version='1.0' xml:lang='en'>"

static const char *const stanzas[] = {
    "<message from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' "
    "id='5a7c1e90-2f4b' type='chat' xml:lang='en'><body>By a name I know not how to tell thee who "
    "I "
    "am: my name, dear saint, is hateful to myself, because it is an enemy to thee; had I it "
    "written, I would tear the word.</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
    "<request xmlns='urn:xmpp:receipts'/></message>",
    "<presence from='nurse@capulet.example/hall' to='juliet@capulet.example' xml:lang='en'>"
    "<show>away</show><status>gone to the friar&apos;s cell</status><priority>1</priority><c "
    "xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example/caps' "
    "ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/><x xmlns='vcard-temp:x:update'><photo>"
    "01b87fcd030b72895ff8e88db57ec525450f000d</photo></x></presence>",
    "<iq from='juliet@capulet.example/balcony' to='capulet.example' id='roster-41' type='result'>"
    "<query xmlns='jabber:iq:roster' ver='ver14'><item jid='nurse@capulet.example' name='Nurse' "
    "subscription='both'><group>Servants</group></item><item jid='romeo@montague.example' "
    "name='Romeo' subscription='both'><group>Friends</group></item><item "
    "jid='benvolio@montague.example' subscription='to'/></query></iq>",
    "<iq from='montague.example' to='capulet.example' id='disco-7' type='result'><query "
    "xmlns='http://jabber.org/protocol/disco#info'><identity category='server' type='im' "
    "name='Montague'/><feature var='http://jabber.org/protocol/disco#info'/><feature "
    "var='urn:xmpp:ping'/><feature var='jabber:iq:version'/><feature var='urn:xmpp:time'/><feature "
    "var='vcard-temp'/><feature var='jabber:iq:last'/></query></iq>",
    "<message from='verona@chat.capulet.example/tybalt' to='romeo@montague.example/orchard' "
    "id='gc-118' type='groupchat'><body>What, drawn, and talk of peace? I hate the word, as I hate "
    "hell, all Montagues, and thee: have at thee, coward!</body><x "
    "xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='participant'/>"
    "</x><delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z'/></message>",
    "<message from='mercutio@montague.example/square' to='benvolio@montague.example' type='chat' "
    "id='m-90'><body>A plague o&apos; both your houses! &lt;they have made worms&apos; meat of "
    "me&gt; &amp; I have it, and soundly too: your houses!</body><html "
    "xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p "
    "style='color:red'>A plague o&apos; <em>both</em> your houses!</p></body></html></message>",
    "<message from='laurence@cell.example/garden' to='romeo@montague.example' type='normal' "
    "id='n-3' xml:lang='cs'><subject>Dopis</subject><body>N\xc3\xa1hl\xc3\xa1 radost m\xc3\xa1 "
    "n\xc3\xa1hl\xc3\xbd konec a um\xc3\xadr\xc3\xa1 ve sv\xc3\xa9m triumfu, jako ohe\xc5\x88 a "
    "st\xc5\x99"
    "eln\xc3\xbd prach, kter\xc3\xa9 se pol\xc3\xad"
    "ben\xc3\xadm zni\xc4\x8d\xc3\xad: "
    "i nejslad\xc5\xa1\xc3\xad med se sv\xc3\xbdm p\xc5\x99\xc3\xad"
    "li\xc5\xa1n\xc3\xbdm v\xc4\x9b"
    "d\xc3\xadm o sladkosti zprotiv\xc3\xad.</body></message>",
    "<iq from='capulet.example' to='montague.example' id='err-55' type='error'><query "
    "xmlns='jabber:iq:version'/><error type='cancel' by='capulet.example'><service-unavailable "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' "
    "xml:lang='en'>Software versions are not told to strangers here.</text><too-curious "
    "xmlns='urn:example:conditions' level='2'/></error></iq>",
    "<iq from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' id='jingle-1' "
    "type='set'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='a73sjjvkla37jfea'>"
    "<content creator='initiator' name='voice'><description xmlns='urn:xmpp:jingle:apps:rtp:1' "
    "media='audio'><payload-type id='96' name='speex' clockrate='16000'/></description><transport "
    "xmlns='urn:xmpp:jingle:transports:ice-udp:1'/></content></jingle></iq>",
};

enum { STANZAS = sizeof stanzas / sizeof stanzas[0] };

static size_t sizes[STANZAS];

static size_t allocations;

#if defined(__GLIBC__) && !STOX_TEST_SANITIZED
enum { COUNTS_ALLOCATIONS = 1 };

extern void *__libc_malloc(size_t n);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_calloc(size_t n, size_t size);

#define OURS __attribute__((visibility("default")))
OURS void *malloc(size_t n);
OURS void *realloc(void *p, size_t n);
OURS void *calloc(size_t n, size_t size);

void *malloc(size_t n) {
  allocations++;
  return __libc_malloc(n);
}

void *realloc(void *p, size_t n) {
  allocations++;
  return __libc_realloc(p, n);
}

void *calloc(size_t n, size_t size) {
  allocations++;
  return __libc_calloc(n, size);
}
#else
enum { COUNTS_ALLOCATIONS = 0 };
#endif

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/* What was seen: all parsers see these alike. */
typedef struct facts {
  size_t elements;
  size_t text;       /* octets of character data */
  size_t attributes; /* declarations apart */
  size_t values;     /* octets of their values */
} facts;

static facts seen;
static int is_counting; /* what was seen of trees: looked at apart, for it is not timed */

/* A parser, made anew behind a root. */
typedef struct peer {
  const char *name;
  void (*begin)(void);
  void (*read)(const char *text, size_t n); /* one stanza */
  void (*end)(void);
  int sees_namespaces; /* 0: declarations are attributes to it */
} peer;

/* ---- libstox ---- */

static stox_xml_reader *reader;
static char memory[1 << 16];

static void stox_read(const char *text, size_t n) {
  stox_arena arena;
  size_t consumed = 0;
  int kind = 0;
  const stox_xml_element *element = NULL;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  require(stox_xml_feed(reader, &consumed, (stox_span){text, n}, NULL) == STOX_OK);
  require(stox_xml_next(reader, &arena, &kind, &element) == STOX_OK && consumed == n);
}

static void begin_with(int kernel) {
  stox_xml_options options;
  require(stox_xml_options_init(&options, sizeof options) == STOX_OK);
  options.kernel = kernel;
  require(stox_xml_reader_new(&reader, &options) == STOX_OK);
  stox_read(ROOT, sizeof ROOT - 1);
}

static void stox_begin(void) {
  begin_with(STOX_XML_KERNEL_BEST);
}

static void stox_begin_scalar(void) {
  begin_with(STOX_XML_KERNEL_SCALAR);
}

#if defined(__x86_64__)
static void stox_begin_sse2(void) {
  begin_with(STOX_XML_KERNEL_SSE2);
}
#endif

static void stox_end(void) {
  stox_xml_reader_del(reader);
}

/* Counts a tree, which is not timed: the others count while they read. */
static void count_element(const stox_xml_element *top) {
  const stox_xml_element *stack[64];
  size_t depth = 0;
  stack[depth++] = top;
  while (depth > 0) {
    const stox_xml_element *element = stack[--depth];
    stox_xml_attribute a;
    stox_xml_node node;
    seen.elements++;
    for (size_t i = 0; stox_xml_get_attribute(&a, element, i) == STOX_OK; i++) {
      seen.attributes++;
      seen.values += a.value.n;
    }
    int status = stox_xml_first_node(&node, element);
    for (; status == STOX_OK; status = stox_xml_next_node(&node)) {
      if (node.kind == STOX_XML_NODE_ELEMENT) {
        require(depth < 64);
        stack[depth++] = node.element;
      }
      seen.text += node.text.n;
    }
  }
}

/* Octets of the trees that are not the stanzas' own. */
static size_t beside;

static void stox_count(const char *text, size_t n) {
  stox_arena arena;
  size_t consumed = 0;
  int kind = 0;
  const stox_xml_element *element = NULL;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  require(stox_xml_feed(reader, &consumed, (stox_span){text, n}, NULL) == STOX_OK);
  require(stox_xml_next(reader, &arena, &kind, &element) == STOX_OK);
  count_element(element);
  beside += arena.used - n;
}

/* ---- libxml2, SAX2 by chunks ---- */

static xmlParserCtxtPtr context;

/* NOLINTNEXTLINE(readability-function-size): the signature is libxml2's */
static void libxml2_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int n_ns, const xmlChar **ns, int n, int n_defaulted,
                          const xmlChar **attributes) {
  (void)ud, (void)name, (void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_defaulted;
  seen.elements++;
  seen.attributes += (size_t)n;
  for (int i = 0; i < n; i++) {
    const xmlChar **a = attributes + 5 * (size_t)i;
    seen.values += (size_t)(a[4] - a[3]);
  }
}

static void libxml2_end_element(void *ud, const xmlChar *name, const xmlChar *prefix,
                                const xmlChar *uri) {
  (void)ud, (void)name, (void)prefix, (void)uri;
}

static void libxml2_text(void *ud, const xmlChar *p, int n) {
  (void)ud, (void)p;
  seen.text += (size_t)n;
}

static void libxml2_read(const char *text, size_t n) {
  require(xmlParseChunk(context, text, (int)n, 0) == 0);
}

static void libxml2_begin(void) {
  xmlSAXHandler handler = {.startElementNs = libxml2_start,
                           .endElementNs = libxml2_end_element,
                           .characters = libxml2_text,
                           .initialized = XML_SAX2_MAGIC};
  context = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
  require(context != NULL);
  (void)xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOENT);
  libxml2_read(ROOT, sizeof ROOT - 1);
}

static void libxml2_end(void) {
  xmlFreeParserCtxt(context);
}

/* ---- libxml2, a tree for each stanza ---- */

static void count_node(const xmlNode *top) {
  const xmlNode *node = top;
  while (node != NULL) {
    if (node->type == XML_ELEMENT_NODE) {
      seen.elements++;
    } else {
      seen.text += strlen((const char *)node->content);
    }
    const xmlAttr *a = node->type == XML_ELEMENT_NODE ? node->properties : NULL;
    for (; a != NULL; a = a->next) {
      seen.attributes++;
      seen.values += a->children == NULL ? 0 : strlen((const char *)a->children->content);
    }
    if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
      node = node->children;
      continue;
    }
    while (node != top && node->next == NULL) {
      node = node->parent;
    }
    node = node == top ? NULL : node->next;
  }
}

static void dom_read(const char *text, size_t n) {
  require(xmlParseChunk(context, text, (int)n, 0) == 0);
  xmlNode *root = xmlDocGetRootElement(context->myDoc);
  while (root->children != NULL) {
    xmlNode *stanza = root->children;
    if (is_counting) {
      count_node(stanza);
    }
    xmlUnlinkNode(stanza);
    xmlFreeNode(stanza);
  }
}

static void dom_begin(void) {
  context = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
  require(context != NULL);
  (void)xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOENT);
  libxml2_read(ROOT, sizeof ROOT - 1);
}

static void dom_end(void) {
  xmlFreeDoc(context->myDoc);
  context->myDoc = NULL;
  xmlFreeParserCtxt(context);
}

/* ---- expat ---- */

#if STOX_PEER_EXPAT
static XML_Parser expat;

static void expat_start(void *ud, const XML_Char *name, const XML_Char **attributes) {
  (void)ud, (void)name;
  seen.elements++;
  for (; attributes[0] != NULL; attributes += 2) {
    seen.attributes++;
    seen.values += strlen(attributes[1]);
  }
}

static void expat_end_element(void *ud, const XML_Char *name) {
  (void)ud, (void)name;
}

static void expat_text(void *ud, const XML_Char *p, int n) {
  (void)ud, (void)p;
  seen.text += (size_t)n;
}

static void expat_read(const char *text, size_t n) {
  require(XML_Parse(expat, text, (int)n, 0) == XML_STATUS_OK);
}

static void expat_begin(void) {
  expat = XML_ParserCreateNS("UTF-8", ' ');
  require(expat != NULL);
  XML_SetElementHandler(expat, expat_start, expat_end_element);
  XML_SetCharacterDataHandler(expat, expat_text);
  expat_read(ROOT, sizeof ROOT - 1);
}

static void expat_end(void) {
  XML_ParserFree(expat);
}
#endif

/* ---- iksemel, whose SAX knows no namespaces, nor references in values ---- */

#if STOX_PEER_IKSEMEL
static iksparser *iks_parser;

static int iks_on_tag(void *ud, char *name, char **attributes, int type) {
  (void)ud, (void)name;
  seen.elements += type != IKS_CLOSE;
  for (; attributes != NULL && attributes[0] != NULL; attributes += 2) {
    seen.attributes++;
    seen.values += strlen(attributes[1]);
  }
  return IKS_OK;
}

static int iks_on_text(void *ud, char *p, size_t n) {
  (void)ud, (void)p;
  seen.text += n;
  return IKS_OK;
}

static void iks_read(const char *text, size_t n) {
  require(iks_parse(iks_parser, text, n, 0) == IKS_OK);
}

static void iks_begin(void) {
  iks_parser = iks_sax_new(NULL, iks_on_tag, iks_on_text);
  require(iks_parser != NULL);
  iks_read(ROOT, sizeof ROOT - 1);
}

static void iks_end(void) {
  iks_parser_delete(iks_parser);
}
#endif

/* ---- libstrophe, from a stanza's text to its tree; a parser is made for each ---- */

#if STOX_PEER_LIBSTROPHE
static xmpp_ctx_t *strophe;

static void strophe_begin(void) {
  strophe = xmpp_ctx_new(NULL, NULL);
  require(strophe != NULL);
}

static void strophe_count_one(xmpp_stanza_t *stanza) {
  if (xmpp_stanza_is_text(stanza)) {
    seen.text += strlen(xmpp_stanza_get_text_ptr(stanza));
    return;
  }
  seen.elements++;
  const int n = xmpp_stanza_get_attribute_count(stanza);
  seen.attributes += n > 0 ? (size_t)n : 0;
}

/* Depth first, with the siblings to come on a stack. */
static void strophe_count(xmpp_stanza_t *top) {
  xmpp_stanza_t *stack[64];
  size_t depth = 0;
  stack[depth++] = top;
  while (depth > 0) {
    xmpp_stanza_t *stanza = stack[--depth];
    strophe_count_one(stanza);
    xmpp_stanza_t *child = xmpp_stanza_get_children(stanza);
    for (; child != NULL; child = xmpp_stanza_get_next(child)) {
      require(depth < 64);
      stack[depth++] = child;
    }
  }
}

static void strophe_read(const char *text, size_t n) {
  (void)n;
  xmpp_stanza_t *stanza = xmpp_stanza_new_from_string(strophe, text);
  require(stanza != NULL);
  if (is_counting) {
    strophe_count(stanza);
  }
  (void)xmpp_stanza_release(stanza);
}

static void strophe_end(void) {
  xmpp_ctx_free(strophe);
}
#endif

static const peer peers[] = {
    {"libxml2-sax2", libxml2_begin, libxml2_read, libxml2_end, 1},
    {"libstox-tree", stox_begin, stox_read, stox_end, 1},
#if defined(__x86_64__)
    {"libstox-sse2", stox_begin_sse2, stox_read, stox_end, 1},
#endif
    {"libstox-scalar", stox_begin_scalar, stox_read, stox_end, 1},
    {"libxml2-dom", dom_begin, dom_read, dom_end, 1},
#if STOX_PEER_EXPAT
    {"expat-ns", expat_begin, expat_read, expat_end, 1},
#endif
#if STOX_PEER_IKSEMEL
    {"iksemel-sax", iks_begin, iks_read, iks_end, 0},
#endif
#if STOX_PEER_LIBSTROPHE
    {"libstrophe-tree", strophe_begin, strophe_read, strophe_end, 0},
#endif
};

enum { PEERS = sizeof peers / sizeof peers[0] };

static void read_all(const peer *p, int rounds) {
  for (int i = 0; i < rounds; i++) {
    for (size_t s = 0; s < STANZAS; s++) {
      p->read(stanzas[s], sizes[s]);
    }
  }
}

/* iksemel and libstrophe count declarations, too. */
static void check_facts(void) {
  facts wanted = {0, 0, 0, 0};
  size_t octets = 0;
  stox_begin();
  seen = wanted;
  for (size_t s = 0; s < STANZAS; s++) {
    stox_count(stanzas[s], sizes[s]);
    octets += sizes[s];
  }
  stox_end();
  wanted = seen;
  for (size_t i = 0; i < PEERS; i++) {
    const peer *p = &peers[i];
    p->begin();
    seen = (facts){0, 0, 0, 0};
    is_counting = 1;
    read_all(p, 1);
    is_counting = 0;
    p->end();
    if (p->read == stox_read) {
      continue; /* it was looked at above */
    }
    require(seen.elements == wanted.elements && seen.text == wanted.text);
    require(!p->sees_namespaces ||
            (seen.attributes == wanted.attributes && seen.values == wanted.values));
  }
  (void)printf(
      "%d stanzas, %zu octets each in the mean; together %zu elements, %zu attributes, %zu "
      "octets of text\n",
      STANZAS, octets / STANZAS, wanted.elements, wanted.attributes, wanted.text);
  (void)printf("libstox's trees: %.1f octets a stanza beside the input\n",
               (double)beside / STANZAS);
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Nanoseconds a stanza, the median of runs; *made: allocations a stanza. */
static double time_peer(const peer *p, double *made) {
  double runs[RUNS];
  p->begin();
  read_all(p, BATCH);
  const size_t before = allocations;
  for (size_t i = 0; i < RUNS; i++) {
    const double from = now();
    read_all(p, BATCH);
    runs[i] = (now() - from) / (BATCH * STANZAS);
  }
  *made = (double)(allocations - before) / (RUNS * BATCH * STANZAS);
  p->end();
  qsort(runs, RUNS, sizeof runs[0], by_size);
  return runs[RUNS / 2];
}

static int run_once(const char *name, int rounds) {
  for (size_t i = 0; i < PEERS; i++) {
    if (strcmp(peers[i].name, name) == 0) {
      peers[i].begin();
      read_all(&peers[i], rounds);
      peers[i].end();
      return 0;
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  for (size_t s = 0; s < STANZAS; s++) {
    sizes[s] = strlen(stanzas[s]);
  }
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (size_t i = 0; i < PEERS; i++) {
      (void)puts(peers[i].name);
    }
    return 0;
  }
  if (argc == 2 && strcmp(argv[1], "--octets") == 0) {
    size_t octets = 0;
    for (size_t s = 0; s < STANZAS; s++) {
      octets += sizes[s];
    }
    (void)printf("%zu\n", octets);
    return 0;
  }
  if (argc == 4 && strcmp(argv[1], "--once") == 0) {
    return run_once(argv[2], (int)strtol(argv[3], NULL, 10));
  }
  check_facts();
  (void)printf("%-16s %10s %8s %12s\n", "parser", "ns", "ratio", "allocations");
  double first = 0;
  for (size_t i = 0; i < PEERS; i++) {
    double made = 0;
    const double ns = time_peer(&peers[i], &made);
    first = i == 0 ? ns : first;
    (void)printf("%-16s %10.0f %8.2f %12.1f\n", peers[i].name, ns, ns / first,
                 COUNTS_ALLOCATIONS ? made : -1.0);
  }
  return 0;
}
