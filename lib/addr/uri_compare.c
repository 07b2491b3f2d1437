/* SPDX-License-Identifier: MIT */
#include "addr/uri_parts.h"
#include "stox/host.h"
#include "stox/status.h"

/* RFC 2396 2.2: an escape of one of these is not the octet itself (RFC 3261 19.1.4). */
static int is_reserved(unsigned char octet) {
  static const stox_span reserved = {";/?:@&=+$,", 10};
  return stox_span_find(reserved, (char)octet) < reserved.n;
}

/* The octet at `*at`, above 0xFF for the escape of a reserved one. */
static unsigned next_unit(stox_span text, size_t *at, int with_case) {
  int is_escape;
  const unsigned char octet = stox_uri_octet(text, at, &is_escape);
  if (is_escape && is_reserved(octet)) {
    return 0x100u + octet;
  }
  return with_case ? octet : (unsigned char)stox_char_lower((char)octet);
}

int stox_uri_part_is_equal(stox_span a, stox_span b, int with_case) {
  size_t i = 0;
  size_t j = 0;
  if ((a.p == NULL) != (b.p == NULL)) {
    return 0;
  }
  while (i < a.n && j < b.n) {
    if (next_unit(a, &i, with_case) != next_unit(b, &j, with_case)) {
      return 0;
    }
  }
  return i == a.n && j == b.n;
}

/* Equal for equal names. */
static uint32_t hash_of(stox_span name) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < name.n;) {
    hash = (hash ^ next_unit(name, &i, STOX_URI_NOCASE)) * 16777619u;
  }
  return hash;
}

static stox_param item_at(const stox_uri_index *index, size_t i, char separator) {
  stox_param item;
  size_t cursor = index->at[i];
  (void)stox_uri_split(&item, index->list, separator, &cursor);
  return item;
}

/* Finds a name from place `i` on; the place, or `n` if it is not there. */
static size_t find_name(const stox_uri_index *index, size_t i, stox_span name, char separator) {
  const uint32_t hash = hash_of(name);
  for (; i < index->n; i++) {
    if (index->hash[i] == hash &&
        stox_uri_part_is_equal(item_at(index, i, separator).name, name, STOX_URI_NOCASE)) {
      return i;
    }
  }
  return index->n;
}

int stox_uri_index_fill(stox_uri_index *out, stox_span list, char separator, stox_span *repeated) {
  stox_param item;
  size_t cursor = 0;
  size_t at = 0;
  out->list = list;
  out->n = 0;
  *repeated = (stox_span){NULL, 0};
  while (stox_uri_split(&item, list, separator, &cursor) == STOX_OK) {
    if (repeated->p == NULL && find_name(out, 0, item.name, separator) < out->n) {
      *repeated = item.name;
    }
    if (out->n == STOX_URI_INDEX_MAX || at > UINT32_MAX) {
      return 0;
    }
    out->hash[out->n] = hash_of(item.name);
    out->at[out->n++] = (uint32_t)at;
    at = cursor;
  }
  return repeated->p == NULL;
}

/* How the values of one name are compared, and whether both URIs must have it. */
enum { ANY_CASE = 0, WITH_CASE = 1, AS_HOST = 2, AS_DIGITS = 3, AS_CONTEXT = 4 };

typedef struct name_rule {
  const char *name;
  int how;
  int is_required;
} name_rule;

/* RFC 3261 19.1.4; transport by its third example. A method is a token with case (7.1). */
static const name_rule sip_params[] = {
    {"transport", ANY_CASE, 1}, {"user", ANY_CASE, 1}, {"ttl", ANY_CASE, 1},
    {"method", WITH_CASE, 1},   {"maddr", AS_HOST, 1}, {NULL, ANY_CASE, 0},
};

/* The parameters that tell instances of one AOR; resourceparts, which they may stand for, have
 * case. */
static const name_rule location_params[] = {
    {"transport", ANY_CASE, 1}, {"user", ANY_CASE, 1}, {"ttl", ANY_CASE, 1},
    {"method", WITH_CASE, 1},   {"maddr", AS_HOST, 1}, {"gr", WITH_CASE, 1},
    {"opaque", WITH_CASE, 1},   {NULL, ANY_CASE, 0},
};

/* RFC 3966 4 */
static const name_rule tel_params[] = {
    {"phone-context", AS_CONTEXT, 1},
    {"ext", AS_DIGITS, 1},
    {NULL, ANY_CASE, 1},
};

/* Values are compared without case (RFC 3261 7.3.1) but where the definition of a header field, or
 * the user part of a URI in it, says otherwise (20). */
static const name_rule sip_headers[] = {
    {"body", WITH_CASE, 1},     {"call-id", WITH_CASE, 1},      {"contact", WITH_CASE, 1},
    {"from", WITH_CASE, 1},     {"in-reply-to", WITH_CASE, 1},  {"path", WITH_CASE, 1},
    {"refer-to", WITH_CASE, 1}, {"referred-by", WITH_CASE, 1},  {"replaces", WITH_CASE, 1},
    {"reply-to", WITH_CASE, 1}, {"record-route", WITH_CASE, 1}, {"route", WITH_CASE, 1},
    {"to", WITH_CASE, 1},       {"warning", WITH_CASE, 1},      {NULL, ANY_CASE, 1},
};

static const name_rule *rule_of(const name_rule *rules, stox_span name) {
  while (rules->name != NULL &&
         !stox_uri_part_is_equal(name, stox_span_text(rules->name), STOX_URI_NOCASE)) {
    rules++;
  }
  return rules;
}

/* Phone digits without visual separators (RFC 3966 4). */
static int is_same_number(stox_span a, stox_span b) {
  static const stox_span separators = {"-.()", 4};
  size_t i = 0;
  size_t j = 0;
  for (;; i++, j++) {
    while (i < a.n && stox_span_find(separators, a.p[i]) < separators.n) {
      i++;
    }
    while (j < b.n && stox_span_find(separators, b.p[j]) < separators.n) {
      j++;
    }
    if (i == a.n || j == b.n) {
      return i == a.n && j == b.n;
    }
    if (stox_char_lower(a.p[i]) != stox_char_lower(b.p[j])) {
      return 0;
    }
  }
}

static int is_same_value(stox_span a, stox_span b, int how) {
  if (how == AS_HOST && a.p != NULL && b.p != NULL && stox_host_is_equal(a, b)) {
    return 1;
  }
  const int are_global = a.n > 0 && b.n > 0 && a.p[0] == '+' && b.p[0] == '+';
  if (how == AS_DIGITS || (how == AS_CONTEXT && are_global)) {
    return is_same_number(a, b);
  }
  return stox_uri_part_is_equal(a, b, how == WITH_CASE ? STOX_URI_CASE : STOX_URI_NOCASE);
}

/* A list whose names stand twice, or that is too long to be searched: item for item. */
static int is_same_in_order(stox_span a, stox_span b, char separator, const name_rule *rules) {
  stox_param one;
  stox_param two;
  size_t i = 0;
  size_t j = 0;
  for (;;) {
    const int more = stox_uri_split(&one, a, separator, &i);
    if (more != stox_uri_split(&two, b, separator, &j)) {
      return 0;
    }
    if (more != STOX_OK) {
      return 1;
    }
    if (!stox_uri_part_is_equal(one.name, two.name, STOX_URI_NOCASE) ||
        !is_same_value(one.value, two.value, rule_of(rules, one.name)->how)) {
      return 0;
    }
  }
}

/* 1 if each parameter of `a` that `index` has too matches, and none that must be in both is in `a`
 * alone. */
static int is_one_way(stox_span a, const stox_uri_index *index, const name_rule *rules) {
  stox_param param;
  size_t cursor = 0;
  while (stox_uri_split(&param, a, ';', &cursor) == STOX_OK) {
    const name_rule *rule = rule_of(rules, param.name);
    const size_t i = find_name(index, 0, param.name, ';');
    const int matches = i == index->n
                            ? !rule->is_required
                            : is_same_value(param.value, item_at(index, i, ';').value, rule->how);
    if (!matches) {
      return 0;
    }
  }
  return 1;
}

static int is_same_params(stox_span a, stox_span b, const name_rule *rules) {
  stox_uri_index index;
  stox_span repeated;
  if (!stox_uri_index_fill(&index, a, ';', &repeated)) {
    return is_same_in_order(a, b, ';', rules);
  }
  const int matches = is_one_way(b, &index, rules);
  if (!stox_uri_index_fill(&index, b, ';', &repeated)) {
    return is_same_in_order(a, b, ';', rules);
  }
  return matches && is_one_way(a, &index, rules);
}

/* The place of an equal header that is not used yet, or `n`. */
static size_t find_header(const stox_uri_index *index, const stox_param *header,
                          const unsigned char *used) {
  const int how = rule_of(sip_headers, header->name)->how;
  size_t i = find_name(index, 0, header->name, '&');
  while (i < index->n &&
         (used[i] || !is_same_value(header->value, item_at(index, i, '&').value, how))) {
    i = find_name(index, i + 1, header->name, '&');
  }
  return i;
}

/* Headers are never ignored, and one name may stand more than once. */
static int is_same_headers(stox_span a, stox_span b) {
  unsigned char used[STOX_URI_INDEX_MAX] = {0};
  stox_uri_index index;
  stox_span repeated;
  stox_param header;
  size_t cursor = 0;
  size_t count = 0;
  if (!stox_uri_index_fill(&index, a, '&', &repeated) && index.n == STOX_URI_INDEX_MAX) {
    return is_same_in_order(a, b, '&', sip_headers);
  }
  for (; stox_uri_split(&header, b, '&', &cursor) == STOX_OK; count++) {
    const size_t i = find_header(&index, &header, used);
    if (i == index.n) {
      return 0;
    }
    used[i] = 1;
  }
  return count == index.n;
}

/* Parts that every kind of URI may have. */
static int is_same_address(const stox_uri *a, const stox_uri *b) {
  return stox_uri_part_is_equal(a->user, b->user, STOX_URI_CASE) &&
         stox_uri_part_is_equal(a->password, b->password, STOX_URI_CASE) &&
         stox_host_is_equal(a->host, b->host) && a->port == b->port &&
         (a->port_text.p == NULL) == (b->port_text.p == NULL);
}

static int is_same_tel(const stox_uri *a, const stox_uri *b) {
  return is_same_number(a->user, b->user) && is_same_params(a->params, b->params, tel_params);
}

static int is_same_sip(const stox_uri *a, const stox_uri *b, int how) {
  const name_rule *rules = how == STOX_URI_LOCATION ? location_params : sip_params;
  return is_same_address(a, b) && is_same_params(a->params, b->params, rules) &&
         is_same_headers(a->headers, b->headers);
}

/* 1 if the canonical forms are the same: the text of each is written octet by octet. */
static int is_same_xmpp(const stox_uri *a, const stox_uri *b) {
  const stox_span one = stox_span_slice(a->text, a->scheme_text.n, a->text.n);
  const stox_span two = stox_span_slice(b->text, b->scheme_text.n, b->text.n);
  if ((a->host.p == NULL) != (b->host.p == NULL) || a->host.p == NULL) {
    return stox_uri_part_is_equal(one, two, STOX_URI_CASE);
  }
  const size_t i = (size_t)(a->host.p - one.p);
  const size_t j = (size_t)(b->host.p - two.p);
  return stox_uri_part_is_equal(stox_span_slice(one, 0, i), stox_span_slice(two, 0, j),
                                STOX_URI_CASE) &&
         stox_uri_part_is_equal(a->host, b->host, STOX_URI_NOCASE) &&
         stox_uri_part_is_equal(stox_span_slice(one, i + a->host.n, one.n),
                                stox_span_slice(two, j + b->host.n, two.n), STOX_URI_CASE);
}

int stox_uri_is_equal(const stox_uri *a, const stox_uri *b, int how) {
  if (stox_span_is_equal(a->text, b->text)) {
    return 1;
  }
  if (a->scheme != b->scheme || !stox_span_is_equal_nocase(a->scheme_text, b->scheme_text)) {
    return 0;
  }
  switch (a->scheme) {
  case STOX_SCHEME_OTHER:
    return stox_span_is_equal(a->path, b->path);
  case STOX_SCHEME_TEL:
    return is_same_tel(a, b);
  case STOX_SCHEME_XMPP:
    return is_same_xmpp(a, b);
  default:
    return is_same_sip(a, b, how);
  }
}
