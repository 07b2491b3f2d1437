/* SPDX-License-Identifier: MIT */
#include "crypto/anchors.h"

#include "base/checked.h"
#include "crypto/der.h"
#include "stox/status.h"

#include <string.h>

enum { FIRST_CAP = 8 };

/* One block of DER into the set. */
typedef int (*adder)(stox_anchors *anchors, stox_span der);

int stox_anchors_new(stox_anchors **out, const stox_allocator *alloc) {
  stox_anchors *made = alloc->resize(alloc->ud, NULL, 0, sizeof *made);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->alloc = alloc;
  *out = made;
  return STOX_OK;
}

static void give_back(const stox_allocator *alloc, const void *p, size_t n) {
  if (p != NULL) {
    (void)alloc->resize(alloc->ud, (void *)(uintptr_t)p, n, 0);
  }
}

/* Forgets what stands behind the first `certificates` and `crls`. */
static void cut(stox_anchors *anchors, size_t certificates, size_t crls) {
  while (anchors->certificates_n > certificates) {
    const stox_span der = anchors->certificates[--anchors->certificates_n].der;
    give_back(anchors->alloc, der.p, der.n);
  }
  while (anchors->crls_n > crls) {
    const stox_span der = anchors->crls[--anchors->crls_n].der;
    give_back(anchors->alloc, der.p, der.n);
  }
}

void stox_anchors_free(stox_anchors *anchors) {
  if (anchors == NULL) {
    return;
  }
  const stox_allocator *alloc = anchors->alloc;
  cut(anchors, 0, 0);
  give_back(alloc, anchors->certificates, anchors->certificates_cap * sizeof(stox_certificate));
  give_back(alloc, anchors->crls, anchors->crls_cap * sizeof(stox_crl));
  give_back(alloc, anchors, sizeof *anchors);
}

/* Room for one more of `size`; the array, NULL without memory. */
static void *grow(const stox_allocator *alloc, void *array, size_t n, size_t *cap, size_t size) {
  if (n < *cap) {
    return array;
  }
  const size_t more = *cap == 0 ? FIRST_CAP : stox_size_mul(*cap, 2);
  void *moved = alloc->resize(alloc->ud, array, *cap * size, stox_size_mul(more, size));
  if (moved != NULL) {
    *cap = more;
  }
  return moved;
}

static int copy(stox_span *out, const stox_allocator *alloc, stox_span bytes) {
  char *p = alloc->resize(alloc->ud, NULL, 0, bytes.n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(p, bytes.p, bytes.n);
  *out = (stox_span){p, bytes.n};
  return STOX_OK;
}

static int add_certificate(stox_anchors *anchors, stox_span der) {
  stox_certificate made;
  stox_span own;
  int status = stox_certificate_parse(&made, der);
  if (status != STOX_OK) {
    return status;
  }
  stox_certificate *array = grow(anchors->alloc, anchors->certificates, anchors->certificates_n,
                                 &anchors->certificates_cap, sizeof *array);
  if (array == NULL) {
    return STOX_E_NOMEM;
  }
  anchors->certificates = array;
  status = copy(&own, anchors->alloc, der);
  if (status == STOX_OK) {
    (void)stox_certificate_parse(&array[anchors->certificates_n++], own);
  }
  return status;
}

/* TBSCertList ::= SEQUENCE { version OPTIONAL, signature, issuer, thisUpdate, nextUpdate OPTIONAL,
 * … } */
static int parse_crl(stox_crl *out, stox_span der) {
  stox_span left = der;
  stox_span whole;
  stox_span body;
  out->der = der;
  out->next_update = INT64_MIN;
  if (stox_der_take(&whole, NULL, &left, STOX_DER_SEQUENCE) != STOX_OK || left.n != 0 ||
      stox_der_take(&body, NULL, &whole, STOX_DER_SEQUENCE) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  if (stox_der_peek(body) == STOX_DER_INTEGER &&
      stox_der_take(NULL, NULL, &body, STOX_DER_INTEGER) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  if (stox_der_take(NULL, NULL, &body, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(NULL, &out->issuer, &body, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_time(&out->this_update, &body) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  const int tag = stox_der_peek(body);
  const int has_next = tag == STOX_DER_UTC_TIME || tag == STOX_DER_TIME;
  return has_next ? stox_der_time(&out->next_update, &body) : STOX_OK;
}

static int add_crl(stox_anchors *anchors, stox_span der) {
  stox_crl made;
  stox_span own;
  int status = parse_crl(&made, der);
  if (status != STOX_OK) {
    return status;
  }
  stox_crl *array =
      grow(anchors->alloc, anchors->crls, anchors->crls_n, &anchors->crls_cap, sizeof *array);
  if (array == NULL) {
    return STOX_E_NOMEM;
  }
  anchors->crls = array;
  status = copy(&own, anchors->alloc, der);
  if (status == STOX_OK) {
    (void)parse_crl(&array[anchors->crls_n++], own);
  }
  return status;
}

static int add_pem(stox_anchors *anchors, stox_span text, const char *label, adder add) {
  size_t cursor = 0;
  stox_arena arena;
  stox_span der;
  size_t n = 0;
  stox_arena_init(&arena, NULL, 0, 0, anchors->alloc);
  int status = stox_pem_next(&der, &arena, text, label, &cursor);
  while (status == STOX_OK) {
    n++;
    status = add(anchors, der);
    stox_arena_reset(&arena);
    if (status == STOX_OK) {
      status = stox_pem_next(&der, &arena, text, label, &cursor);
    }
  }
  stox_arena_clear(&arena);
  return status == STOX_E_NONE && n > 0 ? STOX_OK : status;
}

static int add_text(stox_anchors *anchors, stox_span text, const char *label, adder add) {
  const size_t certificates = anchors->certificates_n;
  const size_t crls = anchors->crls_n;
  const int is_der = stox_der_peek(text) == STOX_DER_SEQUENCE;
  const int status = is_der ? add(anchors, text) : add_pem(anchors, text, label, add);
  if (status != STOX_OK) {
    cut(anchors, certificates, crls);
  }
  return status;
}

int stox_anchors_add(stox_anchors *anchors, stox_span text, size_t *added) {
  const size_t before = anchors->certificates_n;
  const int status = add_text(anchors, text, "CERTIFICATE", add_certificate);
  if (added != NULL) {
    *added = anchors->certificates_n - before;
  }
  return status;
}

int stox_anchors_add_crl(stox_anchors *anchors, stox_span text, size_t *added) {
  const size_t before = anchors->crls_n;
  const int status = add_text(anchors, text, "X509 CRL", add_crl);
  if (added != NULL) {
    *added = anchors->crls_n - before;
  }
  return status;
}
