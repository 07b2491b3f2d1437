/* SPDX-License-Identifier: MIT */
/* OCSP responses: no input breaks the reader, and GnuTLS can read what it believes. An input is a
 * certificate and its issuer, each behind two octets of length, and a response. */
#include "stox/ocsp.h"
#include "stox/status.h"

#include <gnutls/ocsp.h>
#include <stdlib.h>

enum { NOW = 1700000000, ROOM = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static stox_span take(stox_span *in) {
  if (in->n < 2) {
    return (stox_span){NULL, 0};
  }
  const size_t n = (size_t)(unsigned char)in->p[0] << 8 | (unsigned char)in->p[1];
  const stox_span taken = stox_span_slice(*in, 2, 2 + n);
  *in = stox_span_slice(*in, 2 + taken.n, in->n);
  return taken;
}

static void believe(stox_span response, const stox_ocsp *answer) {
  const gnutls_datum_t der = {(unsigned char *)(uintptr_t)response.p, (unsigned)response.n};
  gnutls_ocsp_resp_t theirs;
  require(answer->status >= STOX_OCSP_GOOD && answer->status <= STOX_OCSP_UNKNOWN);
  require((answer->revoked_at == INT64_MIN) == (answer->status != STOX_OCSP_REVOKED));
  require(gnutls_ocsp_resp_init(&theirs) == 0);
  require(gnutls_ocsp_resp_import(theirs, &der) == 0);
  gnutls_ocsp_resp_deinit(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char room[ROOM];
  stox_buf out;
  stox_span in = {(const char *)data, size};
  const stox_span certificate = take(&in);
  const stox_span issuer = take(&in);
  for (uint32_t flags = 0; flags <= STOX_OCSP_ALLOW_WEAK; flags++) {
    stox_ocsp answer = {.size = sizeof answer, .status = -1};
    const int status = stox_ocsp_check(&answer, in, certificate, issuer, NOW, flags);
    require(status != STOX_E_ARG);
    if (status == STOX_OK || status == STOX_E_TIMEOUT) {
      believe(in, &answer);
    } else {
      require(answer.status == -1);
    }
  }
  stox_buf_init(&out, room, sizeof room);
  const int status = stox_ocsp_request(&out, certificate, issuer);
  require(status == STOX_OK ? out.len < 0x82 : out.len == 0);
  return 0;
}
