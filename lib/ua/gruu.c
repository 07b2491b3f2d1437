/* SPDX-License-Identifier: MIT */
#include "stox/gruu.h"

#include "crypto/cipher.h"
#include "stox/dialect.h"
#include "stox/hash.h"
#include "stox/number.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/uri.h"
#include "stox/uri_forms.h"

#include <string.h>

enum {
  MARK = 10, /* the first 80 bits of HMAC-SHA-256 */
  SALT = 10, /* of a temporary GRUU; the rest of its block is the index */
  KEY_LEAST = 16,
  TEXT_MOST = 256, /* of an address of record and an instance */
  SEALED_MOST = STOX_AES_BLOCK + TEXT_MOST + 2 + STOX_AES_BLOCK,
  OCTETS_MOST = SEALED_MOST + MARK,
  USER_MOST = (OCTETS_MOST + 2) / 3 * 4
};

/* ---- public ---- */

int stox_gruu_write_public(stox_buf *out, stox_span aor, stox_span instance, int dialect) {
  const size_t before = out->len;
  stox_uri uri;
  if (stox_uri_parse(&uri, aor, STOX_URI_STRICT, NULL) != STOX_OK ||
      (uri.scheme != STOX_SCHEME_SIP && uri.scheme != STOX_SCHEME_SIPS) || uri.params.p != NULL ||
      uri.headers.p != NULL) {
    return STOX_E_BAD_URI;
  }
  if (!stox_urn_is_valid(instance)) {
    return STOX_E_ARG;
  }
  (void)stox_buf_put(out, aor);
  (void)stox_buf_put_text(out, dialect == STOX_DIALECT_DRAFT2005 ? ";opaque=" : ";gr=");
  const int status = stox_percent_encode(out, instance, STOX_PERCENT_PARAM);
  out->len = status == STOX_OK || status == STOX_E_NOBUF ? out->len : before;
  return status;
}

/* ---- sealed user parts: a word, then base64 of octets and of their mark ---- */

static int check_keys(const stox_gruu_keys *keys, size_t n, int may_be_unmarked) {
  for (size_t i = 0; i < n; i++) {
    const stox_span mark = keys[i].authentication;
    const int is_marked = mark.n >= KEY_LEAST || (may_be_unmarked && mark.p == NULL);
    if (keys[i].encryption.n != STOX_AES_KEY || !is_marked) {
      return STOX_E_ARG;
    }
  }
  return STOX_OK;
}

static int mark_of(unsigned char *out, const stox_gruu_keys *keys, const unsigned char *octets,
                   size_t n) {
  unsigned char whole[STOX_HASH_MAX];
  const stox_span sealed = {(const char *)octets, n};
  const int status = stox_hmac(STOX_HASH_SHA256, keys->authentication, sealed, whole, sizeof whole);
  if (status == STOX_OK) {
    memcpy(out, whole, MARK);
  }
  return status;
}

static int check_mark(const stox_gruu_keys *keys, const unsigned char *octets, size_t n) {
  unsigned char mine[MARK];
  const int status = mark_of(mine, keys, octets, n);
  if (status != STOX_OK) {
    return status;
  }
  return stox_octets_is_equal_ct((stox_span){(const char *)mine, MARK},
                                 (stox_span){(const char *)octets + n, MARK})
             ? STOX_OK
             : STOX_E_AUTH;
}

/* The text of a user part behind its word, escapes undone; 0: it has another word, or is too long.
 */
static int open_user(stox_buf *out, stox_span user, const char *word) {
  const stox_span begin = stox_span_text(word);
  if (stox_percent_decode(out, user, NULL) != STOX_OK) {
    return 0;
  }
  return out->len > begin.n &&
         stox_span_is_equal(stox_span_slice(stox_buf_span(out), 0, begin.n), begin);
}

/* ---- temporary: "tgruu." base64( E = AES( salt | index ) ) base64( mark ), without padding ----
 */

static const char temporary_word[] = "tgruu.";

/* E's and the mark's texts, each with the padding that is cut off. */
enum { SEALED_TEXT = 22, MARK_TEXT = 14, PADDING = 2 };

static void put_unpadded(stox_buf *out, const unsigned char *octets, size_t n, size_t text_n) {
  char text[SEALED_TEXT + PADDING];
  stox_buf whole;
  stox_buf_init(&whole, text, sizeof text);
  (void)stox_base64_write(&whole, (stox_span){(const char *)octets, n}, STOX_BASE64);
  (void)stox_buf_put(out, stox_span_slice(stox_buf_span(&whole), 0, text_n));
}

int stox_gruu_write_temporary(stox_buf *out, const stox_gruu_keys *keys, uint64_t index,
                              const stox_random *random) {
  unsigned char octets[STOX_AES_BLOCK + MARK];
  if (check_keys(keys, 1, 0) != STOX_OK || index >> STOX_GRUU_INDEX_BITS != 0) {
    return STOX_E_ARG;
  }
  int status = random->fill(random->ud, octets, SALT);
  for (size_t i = SALT; i < STOX_AES_BLOCK; i++) {
    octets[i] = (unsigned char)(index >> 8 * (STOX_AES_BLOCK - 1 - i));
  }
  if (status == STOX_OK) {
    status = stox_aes_encrypt(keys->encryption, octets, STOX_AES_BLOCK);
  }
  if (status == STOX_OK) {
    status = mark_of(octets + STOX_AES_BLOCK, keys, octets, STOX_AES_BLOCK);
  }
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_text(out, temporary_word);
  put_unpadded(out, octets, STOX_AES_BLOCK, SEALED_TEXT);
  put_unpadded(out, octets + STOX_AES_BLOCK, MARK, MARK_TEXT);
  return stox_buf_status(out);
}

static int read_unpadded(unsigned char *out, size_t n, stox_span text) {
  char padded[SEALED_TEXT + PADDING];
  stox_buf whole;
  stox_buf octets;
  stox_buf_init(&whole, padded, sizeof padded);
  stox_buf_init(&octets, (char *)out, n);
  (void)stox_buf_put(&whole, text);
  (void)stox_buf_put(&whole, (stox_span){"==", PADDING});
  return stox_base64_parse(&octets, stox_buf_span(&whole), STOX_BASE64) == STOX_OK &&
         octets.len == n;
}

static int open_temporary(uint64_t *index, const stox_gruu_keys *keys,
                          const unsigned char *sealed) {
  unsigned char octets[STOX_AES_BLOCK];
  int status = check_mark(keys, sealed, STOX_AES_BLOCK);
  if (status != STOX_OK) {
    return status;
  }
  memcpy(octets, sealed, sizeof octets);
  status = stox_aes_decrypt(keys->encryption, octets, sizeof octets);
  if (status == STOX_OK) {
    *index = 0;
    for (size_t i = SALT; i < STOX_AES_BLOCK; i++) {
      *index = *index << 8 | octets[i];
    }
  }
  return status;
}

int stox_gruu_read_temporary(uint64_t *index, const stox_gruu_keys *keys, size_t n_keys,
                             stox_span user) {
  unsigned char octets[STOX_AES_BLOCK + MARK];
  char room[STOX_GRUU_TEMPORARY_USER];
  stox_buf text;
  int status = check_keys(keys, n_keys, 0);
  stox_buf_init(&text, room, sizeof room);
  if (status != STOX_OK || !open_user(&text, user, temporary_word)) {
    return status != STOX_OK ? status : STOX_E_NONE;
  }
  const stox_span sealed =
      stox_span_slice(stox_buf_span(&text), sizeof temporary_word - 1, SIZE_MAX);
  if (sealed.n != SEALED_TEXT + MARK_TEXT ||
      !read_unpadded(octets, STOX_AES_BLOCK, stox_span_slice(sealed, 0, SEALED_TEXT)) ||
      !read_unpadded(octets + STOX_AES_BLOCK, MARK,
                     stox_span_slice(sealed, SEALED_TEXT, MARK_TEXT))) {
    return STOX_E_NONE;
  }
  status = STOX_E_AUTH;
  for (size_t i = 0; i < n_keys && status == STOX_E_AUTH; i++) {
    status = open_temporary(index, &keys[i], octets);
  }
  return status;
}

/* ---- the draft's: "GRUU" base64( E = AES( salt | " " | AOR | " " | instance ) [ mark ] ) ----
 *
 * The draft leaves the mode open. The salt is a block of its own, so that with an initial vector of
 * zeros it is the vector of all that follows, and no space in it ends it; the padding is that of
 * PKCS #7. */

static const char anonymous_word[] = "GRUU";

static int is_text(stox_span text) {
  return text.n > 0 && stox_span_find(text, ' ') == text.n;
}

static size_t pad(unsigned char *octets, size_t n) {
  const size_t padding = STOX_AES_BLOCK - n % STOX_AES_BLOCK;
  memset(octets + n, (int)padding, padding);
  return n + padding;
}

/* What stands before the padding; 0: it is none. */
static size_t unpad(const unsigned char *octets, size_t n) {
  const size_t padding = octets[n - 1];
  if (padding == 0 || padding > STOX_AES_BLOCK) {
    return 0;
  }
  for (size_t i = n - padding; i < n; i++) {
    if (octets[i] != padding) {
      return 0;
    }
  }
  return n - padding;
}

int stox_gruu_write_anonymous(stox_buf *out, const stox_gruu_keys *keys, stox_span aor,
                              stox_span instance, const stox_random *random) {
  unsigned char octets[OCTETS_MOST];
  stox_buf text;
  if (check_keys(keys, 1, 1) != STOX_OK || !is_text(aor) || !is_text(instance)) {
    return STOX_E_ARG;
  }
  if (aor.n > TEXT_MOST || instance.n > TEXT_MOST - aor.n) {
    return STOX_E_TOO_LONG;
  }
  int status = random->fill(random->ud, octets, STOX_AES_BLOCK);
  stox_buf_init(&text, (char *)octets + STOX_AES_BLOCK, sizeof octets - STOX_AES_BLOCK);
  (void)stox_buf_put_octet(&text, ' ');
  (void)stox_buf_put(&text, aor);
  (void)stox_buf_put_octet(&text, ' ');
  (void)stox_buf_put(&text, instance);
  size_t n = pad(octets, STOX_AES_BLOCK + text.len);
  if (status == STOX_OK) {
    status = stox_aes_encrypt(keys->encryption, octets, n);
  }
  if (status == STOX_OK && keys->authentication.p != NULL) {
    status = mark_of(octets + n, keys, octets, n);
    n += MARK;
  }
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_text(out, anonymous_word);
  return stox_base64_write(out, (stox_span){(const char *)octets, n}, STOX_BASE64);
}

/* " " AOR " " instance, in `text`, of which `out` becomes views. */
static int split(stox_gruu_anonymous *out, stox_span text) {
  const stox_span rest = stox_span_slice(text, 1, text.n);
  const size_t space = stox_span_find(rest, ' ');
  out->aor = stox_span_slice(rest, 0, space);
  out->instance = stox_span_slice(rest, space + 1, rest.n);
  return text.n > 0 && text.p[0] == ' ' && out->aor.n > 0 && is_text(out->instance);
}

static int open_anonymous(stox_gruu_anonymous *out, stox_arena *arena, const stox_gruu_keys *keys,
                          const unsigned char *sealed, size_t n) {
  unsigned char octets[SEALED_MOST];
  const int is_marked = keys->authentication.p != NULL;
  stox_gruu_anonymous said;
  n -= is_marked ? MARK : 0;
  int status = n < 2 * STOX_AES_BLOCK || n > sizeof octets || n % STOX_AES_BLOCK != 0 ? STOX_E_AUTH
               : is_marked ? check_mark(keys, sealed, n)
                           : STOX_OK;
  if (status != STOX_OK) {
    return status;
  }
  memcpy(octets, sealed, n);
  status = stox_aes_decrypt(keys->encryption, octets, n);
  if (status != STOX_OK) {
    return status;
  }
  n = unpad(octets, n);
  if (n < STOX_AES_BLOCK ||
      !split(&said, (stox_span){(const char *)octets + STOX_AES_BLOCK, n - STOX_AES_BLOCK})) {
    return STOX_E_AUTH;
  }
  status = stox_arena_copy(arena, &out->aor, said.aor);
  return status == STOX_OK ? stox_arena_copy(arena, &out->instance, said.instance) : status;
}

int stox_gruu_read_anonymous(stox_gruu_anonymous *out, stox_arena *arena,
                             const stox_gruu_keys *keys, size_t n_keys, stox_span user) {
  unsigned char octets[OCTETS_MOST];
  char room[USER_MOST + sizeof anonymous_word - 1];
  stox_buf text;
  stox_buf sealed;
  int status = check_keys(keys, n_keys, 1);
  stox_buf_init(&text, room, sizeof room);
  if (status != STOX_OK || !open_user(&text, user, anonymous_word)) {
    return status != STOX_OK ? status : STOX_E_NONE;
  }
  stox_buf_init(&sealed, (char *)octets, sizeof octets);
  const stox_span base64 =
      stox_span_slice(stox_buf_span(&text), sizeof anonymous_word - 1, SIZE_MAX);
  if (stox_base64_parse(&sealed, base64, STOX_BASE64) != STOX_OK ||
      sealed.len < 2 * STOX_AES_BLOCK) {
    return STOX_E_NONE;
  }
  status = STOX_E_AUTH;
  for (size_t i = 0; i < n_keys && status == STOX_E_AUTH; i++) {
    status = open_anonymous(out, arena, &keys[i], octets, sealed.len);
  }
  return status;
}
