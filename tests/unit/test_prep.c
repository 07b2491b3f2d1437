/* SPDX-License-Identifier: MIT */
/* Parts of JIDs that are ASCII are looked at many octets at once: what that finds is what their
 * definition says, octet by octet, at every length, at a page that cannot be read behind. */
#include "support.h"
#include "text/prep.h"

#include "stox/jid.h"
#include "stox/status.h"

static int is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* RFC 3920 A.5: what Nodeprep forbids of ASCII. */
static int localpart_of(stox_span text) {
  int wanted = STOX_PREP_SAME;
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char c = (unsigned char)text.p[i];
    if (c >= 0x80) {
      return STOX_PREP_FULL;
    }
    wanted = c >= 'A' && c <= 'Z' ? STOX_PREP_FOLD : wanted;
  }
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char c = (unsigned char)text.p[i];
    if (c <= ' ' || c == 0x7F || strchr("\"&'/:<>@", c) != NULL) {
      return STOX_E_BAD_LOCALPART;
    }
  }
  return wanted;
}

static int resourcepart_of(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] < ' ' || text.p[i] == 0x7F || (unsigned char)text.p[i] >= 0x80) {
      return STOX_PREP_FULL;
    }
  }
  return STOX_PREP_SAME;
}

/* A host name of labels of letters, digits, hyphens and underscores, whose last one is no number.
 */
static int domain_of(stox_span text) {
  int wanted = STOX_PREP_SAME;
  size_t from = 0;
  for (size_t i = 0; i <= text.n; i++) {
    if (i < text.n && text.p[i] != '.') {
      if (!is_letter(text.p[i]) && !is_digit(text.p[i]) && text.p[i] != '-' && text.p[i] != '_') {
        return (unsigned char)text.p[i] >= 0x80 ? STOX_PREP_FULL : STOX_E_BAD_DOMAIN;
      }
      wanted = text.p[i] >= 'A' && text.p[i] <= 'Z' ? STOX_PREP_FOLD : wanted;
      continue;
    }
    if (i == from || text.p[from] == '-' || text.p[i - 1] == '-' || i - from > 63) {
      return STOX_E_BAD_DOMAIN;
    }
    from = i + 1;
  }
  return wanted;
}

static void check(stox_span text, int with_domain) {
  guard g = guard_copy(text);
  stox_span domain = g.span;
  size_t at = 0;
  assert_int_equal(stox_prep_localpart(g.span, &at), localpart_of(text));
  assert_int_equal(stox_prep_resourcepart(g.span), resourcepart_of(text));
  if (with_domain) {
    assert_int_equal(stox_prep_domain(&domain, &at), domain_of(text));
  }
  guard_free(&g);
}

static void test_every_octet_everywhere(void **state) {
  (void)state;
  char text[40];
  for (size_t n = 1; n < sizeof text; n++) {
    for (size_t at = 0; at < n; at++) {
      for (unsigned c = 0; c<256; c += n> 20 ? 3 : 1) {
        memset(text, 'a', n);
        text[at] = (char)c;
        /* A name of one label that is a number, a trailing dot, an address: not looked at here. */
        const int is_name = n > 1 && (at + 1 < n || c != '.') && (at > 0 || c != '[') && c < 0x80;
        check((stox_span){text, n}, is_name);
      }
    }
  }
}

static void test_every_pair_everywhere(void **state) {
  (void)state;
  const char *const pairs[] = {"--", "-.", ".-", "..", "._", "A.", "-9"};
  char text[64];
  for (size_t n = 4; n < sizeof text; n++) {
    for (size_t at = 0; at + 2 < n; at++) {
      for (size_t k = 0; k < COUNT(pairs); k++) {
        memset(text, 'b', n);
        memcpy(text + at, pairs[k], 2);
        check((stox_span){text, n}, 1);
      }
    }
  }
}

/* Where the separators stand, at every length of each part. */
static void test_separators_everywhere(void **state) {
  (void)state;
  char text[200];
  for (size_t local = 0; local < 40; local++) {
    for (size_t domain = 1; domain < 40; domain++) {
      const size_t resource = (local * 7 + domain) % 50;
      const int n =
          snprintf(text, sizeof text, "%.*s%s%.*s%s%.*s", (int)local,
                   "llllllllllllllllllllllllllllllllllllllll", local > 0 ? "@" : "", (int)domain,
                   "dddddddddddddddddddddddddddddddddddddddd", resource > 0 ? "/" : "",
                   (int)resource, "r@/rrrr@rrrrrrrr/rrrrrrrrrrrrrrrr@rrrrrrrrrrrrrrrr");
      guard g = guard_copy((stox_span){text, (size_t)n});
      stox_jid jid;
      assert_status(stox_jid_parse(&jid, g.span, NULL), STOX_OK);
      assert_int_equal(jid.localpart.n, local);
      assert_int_equal(jid.domainpart.n, domain);
      assert_int_equal(jid.resourcepart.n, resource);
      guard_free(&g);
      text[local + 1 + domain / 2] = '@';
      if (local > 0) {
        assert_status(stox_jid_parse(&jid, (stox_span){text, (size_t)n}, NULL), STOX_E_BAD_JID);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_octet_everywhere),
      cmocka_unit_test(test_every_pair_everywhere),
      cmocka_unit_test(test_separators_everywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
