/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "stox/status.h"
#include "stox/utf8.h"

#include <inttypes.h>
#include <stdio.h>

static void lead(json *j, const char *key, const char *suffix) {
  if (j->has_member) {
    (void)putchar(',');
  }
  j->has_member = 1;
  if (key != NULL) {
    (void)printf("\"%s%s\":", key, suffix);
  }
}

void json_open(json *j, const char *key, char bracket) {
  lead(j, key, "");
  (void)putchar(bracket);
  j->has_member = 0;
}

void json_close(json *j, char bracket) {
  (void)putchar(bracket);
  j->has_member = 1;
}

static void put_octets(stox_span text, size_t from, size_t to) {
  (void)fwrite(text.p + from, 1, to - from, stdout);
}

/* An ASCII character that a JSON string cannot hold as it is; 0 if `c` is none. */
static int put_escape(uint32_t c) {
  switch (c) {
  case '"':
    return fputs("\\\"", stdout);
  case '\\':
    return fputs("\\\\", stdout);
  case '\n':
    return fputs("\\n", stdout);
  case '\r':
    return fputs("\\r", stdout);
  case '\t':
    return fputs("\\t", stdout);
  default:
    return c < 0x20 || c == 0x7F ? printf("\\u%04x", (unsigned)c) : 0;
  }
}

/* 1 if all of it was UTF-8, else 0. */
static int put_string(stox_span text) {
  int is_text = 1;
  uint32_t c = 0;
  (void)putchar('"');
  for (size_t i = 0; i < text.n;) {
    const size_t from = i;
    if (stox_utf8_next(&c, text, &i) != STOX_OK) {
      (void)fputs("\xEF\xBF\xBD", stdout);
      is_text = 0;
      i = from + 1;
    } else if (put_escape(c) == 0) {
      put_octets(text, from, i);
    }
  }
  (void)putchar('"');
  return is_text;
}

void json_text(json *j, const char *key, stox_span text) {
  if (text.p == NULL) {
    json_null(j, key);
    return;
  }
  lead(j, key, "");
  if (put_string(text) || key == NULL) {
    return;
  }
  lead(j, key, "_hex");
  (void)putchar('"');
  for (size_t i = 0; i < text.n; i++) {
    (void)printf("%02x", (unsigned)(unsigned char)text.p[i]);
  }
  (void)putchar('"');
}

void json_number(json *j, const char *key, uint64_t number) {
  lead(j, key, "");
  (void)printf("%" PRIu64, number);
}

void json_integer(json *j, const char *key, int64_t number) {
  lead(j, key, "");
  (void)printf("%" PRId64, number);
}

void json_thousandths(json *j, const char *key, uint64_t number) {
  lead(j, key, "");
  (void)printf("%" PRIu64 ".%03" PRIu64, number / 1000, number % 1000);
}

void json_flag(json *j, const char *key, int is_true) {
  lead(j, key, "");
  (void)fputs(is_true ? "true" : "false", stdout);
}

void json_null(json *j, const char *key) {
  lead(j, key, "");
  (void)fputs("null", stdout);
}

void json_end(json *j) {
  (void)putchar('\n');
  j->has_member = 0;
}
