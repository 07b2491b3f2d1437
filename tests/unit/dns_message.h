/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_DNS_MESSAGE_H
#define STOX_TEST_DNS_MESSAGE_H

#include "support.h"

enum { DNS_A = 1, DNS_CNAME = 5, DNS_SOA = 6, DNS_AAAA = 28, DNS_SRV = 33, DNS_NAPTR = 35 };

/* A DNS message in the making. */
typedef struct dns_message {
  size_t n;
  unsigned char p[4096];
} dns_message;

static inline void dns_octet(dns_message *m, unsigned octet) {
  assert_true(m->n < sizeof m->p);
  m->p[m->n++] = (unsigned char)octet;
}

static inline void dns_u16(dns_message *m, unsigned number) {
  dns_octet(m, number >> 8 & 255);
  dns_octet(m, number & 255);
}

static inline void dns_u32(dns_message *m, uint32_t number) {
  dns_u16(m, number >> 16);
  dns_u16(m, number & 65535);
}

static inline void dns_text(dns_message *m, const char *text) {
  const size_t n = strlen(text);
  dns_octet(m, (unsigned)n);
  for (size_t i = 0; i < n; i++) {
    dns_octet(m, (unsigned char)text[i]);
  }
}

/* `a.b`, or `a.b@12`: the rest is a pointer to that offset; `` is the root. */
static inline void dns_name(dns_message *m, const char *name) {
  while (*name != '\0' && *name != '@') {
    const size_t n = strcspn(name, ".@");
    dns_octet(m, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
      dns_octet(m, (unsigned char)name[i]);
    }
    name += n + (name[n] == '.');
  }
  if (*name == '@') {
    dns_u16(m, 0xC000U | (unsigned)strtoul(name + 1, NULL, 10));
  } else {
    dns_octet(m, 0);
  }
}

/* The header of a response with one question. */
static inline void dns_front(dns_message *m, unsigned flags, const char *name, unsigned type) {
  m->n = 0;
  dns_u16(m, 0x1234);
  dns_u16(m, 0x8180U | flags);
  dns_u16(m, 1);
  dns_u16(m, 0);
  dns_u32(m, 0);
  dns_name(m, name);
  dns_u16(m, type);
  dns_u16(m, 1);
}

/* Counts a record in a section (0: answer, 1: authority) and opens it; where its length stands is
 * returned. */
static inline size_t dns_record(dns_message *m, int section, const char *owner, unsigned type,
                                uint32_t ttl) {
  m->p[7 + 2 * section]++;
  dns_name(m, owner);
  dns_u16(m, type);
  dns_u16(m, 1);
  dns_u32(m, ttl);
  dns_u16(m, 0);
  return m->n - 2;
}

static inline void dns_close(dns_message *m, size_t length_at) {
  const size_t n = m->n - length_at - 2;
  m->p[length_at] = (unsigned char)(n >> 8);
  m->p[length_at + 1] = (unsigned char)n;
}

static inline void dns_srv(dns_message *m, const char *owner, uint32_t ttl, unsigned port,
                           const char *target) {
  const size_t at = dns_record(m, 0, owner, DNS_SRV, ttl);
  dns_u16(m, 10);
  dns_u16(m, 20);
  dns_u16(m, port);
  dns_name(m, target);
  dns_close(m, at);
}

static inline void dns_a(dns_message *m, const char *owner, uint32_t ttl, uint32_t address) {
  const size_t at = dns_record(m, 0, owner, DNS_A, ttl);
  dns_u32(m, address);
  dns_close(m, at);
}

static inline void dns_cname(dns_message *m, const char *owner, uint32_t ttl, const char *target) {
  const size_t at = dns_record(m, 0, owner, DNS_CNAME, ttl);
  dns_name(m, target);
  dns_close(m, at);
}

static inline void dns_soa(dns_message *m, const char *owner, uint32_t ttl, uint32_t minimum) {
  const size_t at = dns_record(m, 1, owner, DNS_SOA, ttl);
  dns_name(m, "ns");
  dns_name(m, "root");
  for (int i = 0; i < 4; i++) {
    dns_u32(m, 1);
  }
  dns_u32(m, minimum);
  dns_close(m, at);
}

static inline stox_span dns_span(const dns_message *m) {
  return (stox_span){(const char *)m->p, m->n};
}

#endif
