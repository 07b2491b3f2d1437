/* SPDX-License-Identifier: MIT */
#include "crypto/sha512_256.h"

#include <string.h>

enum { BLOCK = STOX_SHA512_256_BLOCK, ROUNDS = 80, LENGTH_AT = 112 };

static const uint64_t round_constants[ROUNDS] = {
    UINT64_C(0x428a2f98d728ae22), UINT64_C(0x7137449123ef65cd), UINT64_C(0xb5c0fbcfec4d3b2f),
    UINT64_C(0xe9b5dba58189dbbc), UINT64_C(0x3956c25bf348b538), UINT64_C(0x59f111f1b605d019),
    UINT64_C(0x923f82a4af194f9b), UINT64_C(0xab1c5ed5da6d8118), UINT64_C(0xd807aa98a3030242),
    UINT64_C(0x12835b0145706fbe), UINT64_C(0x243185be4ee4b28c), UINT64_C(0x550c7dc3d5ffb4e2),
    UINT64_C(0x72be5d74f27b896f), UINT64_C(0x80deb1fe3b1696b1), UINT64_C(0x9bdc06a725c71235),
    UINT64_C(0xc19bf174cf692694), UINT64_C(0xe49b69c19ef14ad2), UINT64_C(0xefbe4786384f25e3),
    UINT64_C(0x0fc19dc68b8cd5b5), UINT64_C(0x240ca1cc77ac9c65), UINT64_C(0x2de92c6f592b0275),
    UINT64_C(0x4a7484aa6ea6e483), UINT64_C(0x5cb0a9dcbd41fbd4), UINT64_C(0x76f988da831153b5),
    UINT64_C(0x983e5152ee66dfab), UINT64_C(0xa831c66d2db43210), UINT64_C(0xb00327c898fb213f),
    UINT64_C(0xbf597fc7beef0ee4), UINT64_C(0xc6e00bf33da88fc2), UINT64_C(0xd5a79147930aa725),
    UINT64_C(0x06ca6351e003826f), UINT64_C(0x142929670a0e6e70), UINT64_C(0x27b70a8546d22ffc),
    UINT64_C(0x2e1b21385c26c926), UINT64_C(0x4d2c6dfc5ac42aed), UINT64_C(0x53380d139d95b3df),
    UINT64_C(0x650a73548baf63de), UINT64_C(0x766a0abb3c77b2a8), UINT64_C(0x81c2c92e47edaee6),
    UINT64_C(0x92722c851482353b), UINT64_C(0xa2bfe8a14cf10364), UINT64_C(0xa81a664bbc423001),
    UINT64_C(0xc24b8b70d0f89791), UINT64_C(0xc76c51a30654be30), UINT64_C(0xd192e819d6ef5218),
    UINT64_C(0xd69906245565a910), UINT64_C(0xf40e35855771202a), UINT64_C(0x106aa07032bbd1b8),
    UINT64_C(0x19a4c116b8d2d0c8), UINT64_C(0x1e376c085141ab53), UINT64_C(0x2748774cdf8eeb99),
    UINT64_C(0x34b0bcb5e19b48a8), UINT64_C(0x391c0cb3c5c95a63), UINT64_C(0x4ed8aa4ae3418acb),
    UINT64_C(0x5b9cca4f7763e373), UINT64_C(0x682e6ff3d6b2b8a3), UINT64_C(0x748f82ee5defb2fc),
    UINT64_C(0x78a5636f43172f60), UINT64_C(0x84c87814a1f0ab72), UINT64_C(0x8cc702081a6439ec),
    UINT64_C(0x90befffa23631e28), UINT64_C(0xa4506cebde82bde9), UINT64_C(0xbef9a3f7b2c67915),
    UINT64_C(0xc67178f2e372532b), UINT64_C(0xca273eceea26619c), UINT64_C(0xd186b8c721c0c207),
    UINT64_C(0xeada7dd6cde0eb1e), UINT64_C(0xf57d4f7fee6ed178), UINT64_C(0x06f067aa72176fba),
    UINT64_C(0x0a637dc5a2c898a6), UINT64_C(0x113f9804bef90dae), UINT64_C(0x1b710b35131c471b),
    UINT64_C(0x28db77f523047d84), UINT64_C(0x32caab7b40c72493), UINT64_C(0x3c9ebe0a15c9bebc),
    UINT64_C(0x431d67c49c100d4c), UINT64_C(0x4cc5d4becb3e42b6), UINT64_C(0x597f299cfc657e2a),
    UINT64_C(0x5fcb6fab3ad6faec), UINT64_C(0x6c44198c4a475817)};

static const uint64_t initial[8] = {UINT64_C(0x22312194fc2bf72c), UINT64_C(0x9f555fa3c84c64c2),
                                    UINT64_C(0x2393b86b6f53b151), UINT64_C(0x963877195940eabd),
                                    UINT64_C(0x96283ee2a88effe3), UINT64_C(0xbe5e1e2553863992),
                                    UINT64_C(0x2b0199fc2c85b8aa), UINT64_C(0x0eb72ddc81c52ca2)};

static uint64_t rotate(uint64_t x, unsigned n) {
  return x >> n | x << (64 - n);
}

static uint64_t read64(const unsigned char *p) {
  uint64_t x = 0;
  for (size_t i = 0; i < 8; i++) {
    x = x << 8 | p[i];
  }
  return x;
}

static void write64(unsigned char *p, uint64_t x) {
  for (size_t i = 0; i < 8; i++) {
    p[i] = (unsigned char)(x >> (56 - 8 * i));
  }
}

static void expand(uint64_t w[ROUNDS], const unsigned char *block) {
  for (size_t i = 0; i < 16; i++) {
    w[i] = read64(block + 8 * i);
  }
  for (size_t i = 16; i < ROUNDS; i++) {
    const uint64_t a = w[i - 15];
    const uint64_t b = w[i - 2];
    w[i] = w[i - 16] + (rotate(a, 1) ^ rotate(a, 8) ^ a >> 7) + w[i - 7] +
           (rotate(b, 19) ^ rotate(b, 61) ^ b >> 6);
  }
}

/* The eight working variables are s[0] = a … s[7] = h. */
static void absorb(uint64_t state[8], const unsigned char *block) {
  uint64_t w[ROUNDS];
  uint64_t s[8];
  expand(w, block);
  memcpy(s, state, sizeof s);
  for (size_t i = 0; i < ROUNDS; i++) {
    const uint64_t t1 = s[7] + (rotate(s[4], 14) ^ rotate(s[4], 18) ^ rotate(s[4], 41)) +
                        ((s[4] & s[5]) ^ (~s[4] & s[6])) + round_constants[i] + w[i];
    const uint64_t t2 = (rotate(s[0], 28) ^ rotate(s[0], 34) ^ rotate(s[0], 39)) +
                        ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (size_t i = 0; i < 8; i++) {
    state[i] += s[i];
  }
}

void stox_sha512_256_init(stox_sha512_256 *hash) {
  memcpy(hash->state, initial, sizeof initial);
  hash->n = 0;
}

void stox_sha512_256_put(stox_sha512_256 *hash, stox_span data) {
  while (data.n > 0) {
    const size_t at = (size_t)(hash->n % BLOCK);
    const size_t n = data.n < BLOCK - at ? data.n : BLOCK - at;
    memcpy(hash->block + at, data.p, n);
    hash->n += n;
    if (at + n == BLOCK) {
      absorb(hash->state, hash->block);
    }
    data = stox_span_slice(data, n, data.n);
  }
}

void stox_sha512_256_end(stox_sha512_256 *hash, unsigned char out[STOX_SHA512_256_SIZE]) {
  static const char padding[BLOCK] = "\x80";
  const uint64_t n = hash->n;
  const size_t at = (size_t)(n % BLOCK);
  const size_t zeros = at < LENGTH_AT ? LENGTH_AT - at : LENGTH_AT + BLOCK - at;
  unsigned char length[BLOCK - LENGTH_AT];
  write64(length, n >> 61);
  write64(length + 8, n << 3);
  stox_sha512_256_put(hash, (stox_span){padding, zeros});
  stox_sha512_256_put(hash, (stox_span){(const char *)length, sizeof length});
  for (size_t i = 0; i < STOX_SHA512_256_SIZE / 8; i++) {
    write64(out + 8 * i, hash->state[i]);
  }
}
