/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "stox/xmpp_rules.h"

/* RFC 6120 4.9.3, and the one stanza error. */
static const char *const names[] = {
    [STOX_ADMIT_NOT_AUTHORIZED] = "not-authorized",
    [STOX_ADMIT_IMPROPER_ADDRESSING] = "improper-addressing",
    [STOX_ADMIT_INVALID_FROM] = "invalid-from",
    [STOX_ADMIT_HOST_UNKNOWN] = "host-unknown",
    [STOX_ADMIT_HOST_GONE] = "host-gone",
};

const char *stox_xmpp_admit_name(int verdict) {
  return verdict < STOX_ADMITTED || verdict > STOX_ADMIT_HOST_GONE ? NULL : names[verdict];
}

/* What an address must be. */
enum { ABSENT, GOOD, BROKEN };

/* Reads one address; a status only for lack of memory or a bad profile. */
static int read_address(int *what, stox_jid *out, stox_arena *arena, stox_span text, int profile) {
  *what = ABSENT;
  if (text.p == NULL) {
    return STOX_OK;
  }
  stox_jid jid;
  int status = stox_jid_parse(&jid, text, NULL);
  if (status == STOX_OK) {
    status = stox_jid_prepare(&jid, arena, &jid, profile, NULL);
  }
  if (status == STOX_E_NOMEM || status == STOX_E_ARG) {
    return status;
  }
  *what = BROKEN;
  if (status == STOX_OK) {
    *what = GOOD;
    *out = jid;
  }
  return STOX_OK;
}

static const stox_xmpp_domain *find_domain(stox_span name, const stox_xmpp_domain *domains,
                                           size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (stox_span_is_equal(domains[i].name, name)) {
      return &domains[i];
    }
  }
  return NULL;
}

static int is_peer_domain(const stox_xmpp_arrival *a, stox_span name) {
  size_t i = 0;
  while (i < a->n_peer_domains && !stox_span_is_equal(a->peer_domains[i], name)) {
    i++;
  }
  return i < a->n_peer_domains;
}

static int is_subscription(const stox_stanza *stanza) {
  return stanza->kind == STOX_STANZA_PRESENCE &&
         (stanza->type == STOX_TYPE_SUBSCRIBE || stanza->type == STOX_TYPE_SUBSCRIBED ||
          stanza->type == STOX_TYPE_UNSUBSCRIBE || stanza->type == STOX_TYPE_UNSUBSCRIBED);
}

/* RFC 6120 8.1.2.1; strict is RFC 3920 9.1.2. `from` is what the client says. */
static int admit_client(stox_xmpp_admission *out, const stox_stanza *stanza,
                        const stox_xmpp_arrival *a, int from) {
  const stox_jid bare = stox_jid_bare(&a->self);
  const int is_own = from == ABSENT || (from == GOOD && (stox_jid_is_equal(&out->from, &a->self) ||
                                                         stox_jid_is_equal(&out->from, &bare)));
  out->from = is_subscription(stanza) ? bare : a->self;
  return is_own || !a->is_strict ? STOX_ADMITTED : STOX_ADMIT_INVALID_FROM;
}

/* RFC 6120 8.1.1.2 */
static int check_host(const stox_xmpp_arrival *a, const stox_jid *to) {
  const stox_xmpp_domain *found = find_domain(to->domainpart, a->domains, a->n_domains);
  if (found == NULL) {
    return STOX_ADMIT_HOST_UNKNOWN;
  }
  return found->kind == STOX_DOMAIN_GONE ? STOX_ADMIT_HOST_GONE : STOX_ADMITTED;
}

/* RFC 6120 8.1.1.2 and 8.1.2.2; XEP-0114 asks the same of components. */
static int admit_domain(const stox_xmpp_admission *in, const stox_xmpp_arrival *a, int from,
                        int to) {
  if (from != GOOD || to != GOOD) {
    return STOX_ADMIT_IMPROPER_ADDRESSING;
  }
  if (a->over != STOX_OVER_HOST && !is_peer_domain(a, in->from.domainpart)) {
    return STOX_ADMIT_INVALID_FROM;
  }
  /* A component speaks to other domains through us. */
  return a->over == STOX_OVER_COMPONENT ? STOX_ADMITTED : check_host(a, &in->to);
}

static int admit(stox_xmpp_admission *out, const stox_stanza *stanza, const stox_xmpp_arrival *a,
                 int from, int to) {
  if (!a->is_authenticated) {
    return STOX_ADMIT_NOT_AUTHORIZED;
  }
  if (a->over == STOX_OVER_PEER || a->over == STOX_OVER_COMPONENT || a->over == STOX_OVER_HOST) {
    return admit_domain(out, a, from, to);
  }
  int verdict = STOX_ADMITTED;
  if (a->over == STOX_OVER_CLIENT) {
    verdict = admit_client(out, stanza, a, from);
  } else if (from == BROKEN) {
    verdict = STOX_ADMIT_IMPROPER_ADDRESSING;
  } else if (from == ABSENT) {
    out->from = stox_jid_bare(&a->self);
  }
  return verdict == STOX_ADMITTED && to == BROKEN ? STOX_ADMIT_JID_MALFORMED : verdict;
}

static int write_from(stox_xmpp_admission *out, stox_arena *arena) {
  stox_buf text = {NULL, 0, 0};
  (void)stox_jid_write(&text, &out->from);
  const size_t n = text.len;
  char *room = stox_arena_take(arena, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&text, room, n);
  (void)stox_jid_write(&text, &out->from);
  out->from_text = stox_buf_span(&text);
  return STOX_OK;
}

int stox_xmpp_admit(stox_xmpp_admission *out, stox_arena *arena, const stox_stanza *stanza,
                    const stox_xmpp_arrival *arrival) {
  const int over = arrival->over;
  const int needs_self = over == STOX_OVER_CLIENT || over == STOX_OVER_ACCOUNT;
  if (over < STOX_OVER_CLIENT || over > STOX_OVER_ACCOUNT ||
      (needs_self && arrival->is_authenticated && arrival->self.domainpart.n == 0)) {
    return STOX_E_ARG;
  }
  stox_xmpp_admission made = {.verdict = STOX_ADMITTED};
  int from;
  int to;
  int status = read_address(&from, &made.from, arena, stanza->from, arrival->profile);
  if (status == STOX_OK) {
    status = read_address(&to, &made.to, arena, stanza->to, arrival->profile);
  }
  if (status != STOX_OK) {
    return status;
  }
  made.has_to = to == GOOD;
  made.verdict = admit(&made, stanza, arrival, from, to);
  if (made.verdict == STOX_ADMITTED || made.verdict == STOX_ADMIT_JID_MALFORMED) {
    status = write_from(&made, arena);
  }
  if (status == STOX_OK) {
    *out = made;
  }
  return status;
}

int stox_xmpp_is_own(const stox_jid *from, const stox_jid *client) {
  if (from == NULL || from->domainpart.p == NULL) {
    return 1;
  }
  const stox_jid bare = stox_jid_bare(client);
  const stox_jid domain = {{NULL, 0}, client->domainpart, {NULL, 0}};
  return stox_jid_is_equal(from, &bare) || stox_jid_is_equal(from, client) ||
         stox_jid_is_equal(from, &domain);
}

/* Whether a name is below another one. */
static int is_below(stox_span name, stox_span domain) {
  return name.n > domain.n + 1 && name.p[name.n - domain.n - 1] == '.' &&
         stox_span_is_equal(stox_span_slice(name, name.n - domain.n, domain.n), domain);
}

static int relation_elsewhere(stox_span name, const stox_xmpp_domain *domains, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (domains[i].kind == STOX_DOMAIN_SERVER && is_below(name, domains[i].name)) {
      return STOX_TO_SUBDOMAIN;
    }
  }
  return STOX_TO_REMOTE;
}

int stox_xmpp_relation(const stox_jid *to, const stox_xmpp_domain *domains, size_t n,
                       uint64_t *handle) {
  if (to == NULL || to->domainpart.p == NULL) {
    return STOX_TO_NONE;
  }
  const stox_xmpp_domain *found = find_domain(to->domainpart, domains, n);
  if (found == NULL) {
    return relation_elsewhere(to->domainpart, domains, n);
  }
  if (found->kind == STOX_DOMAIN_SERVICE) {
    if (handle != NULL) {
      *handle = found->handle;
    }
    return STOX_TO_SERVICE;
  }
  if (found->kind == STOX_DOMAIN_GONE) {
    return STOX_TO_GONE;
  }
  if (to->localpart.p == NULL) {
    return STOX_TO_DOMAIN;
  }
  return to->resourcepart.p == NULL ? STOX_TO_BARE : STOX_TO_FULL;
}

int stox_xmpp_is_ordered(const stox_jid *a, const stox_jid *b) {
  if (a == NULL || b == NULL) {
    return a == b;
  }
  return stox_span_is_equal(a->localpart, b->localpart) &&
         stox_span_is_equal(a->domainpart, b->domainpart);
}
