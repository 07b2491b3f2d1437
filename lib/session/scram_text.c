/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "session/scram.h"
#include "stox/number.h"
#include "stox/status.h"

/* Takes the field before the next comma off, and the comma; 0 at the end. */
static int take_field(stox_span *out, stox_span *rest) {
  if (rest->p == NULL) {
    return 0;
  }
  const size_t end = stox_span_find(*rest, ',');
  *out = (stox_span){rest->p, end};
  /* A comma at the very end announces one more field, which is empty. */
  *rest = end < rest->n ? (stox_span){rest->p + end + 1, rest->n - end - 1} : (stox_span){NULL, 0};
  return 1;
}

/* The value of an attribute: a letter, `=`, then anything but NUL and the comma. */
static int attribute_value(stox_span *out, stox_span field, char name) {
  if (field.n < 2 || field.p[0] != name || field.p[1] != '=' ||
      stox_span_find(field, '\0') < field.n) {
    return STOX_E_SYNTAX;
  }
  *out = (stox_span){field.p + 2, field.n - 2};
  return STOX_OK;
}

static int take_attribute(stox_span *out, stox_span *rest, char name) {
  stox_span field;
  return take_field(&field, rest) ? attribute_value(out, field, name) : STOX_E_SYNTAX;
}

/* printable = %x21-2B / %x2D-7E, at least one. */
static int check_nonce(stox_span nonce) {
  for (size_t i = 0; i < nonce.n; i++) {
    const unsigned char octet = (unsigned char)nonce.p[i];
    if (octet < 0x21 || octet > 0x7E || octet == ',') {
      return STOX_E_SYNTAX;
    }
  }
  return nonce.n == 0 ? STOX_E_SYNTAX : STOX_OK;
}

/* An extension at the front that must be understood; none is. */
static int check_mandatory(stox_span rest) {
  return rest.n >= 2 && rest.p[0] == 'm' && rest.p[1] == '=' ? STOX_E_UNSUPPORTED : STOX_OK;
}

static int check_extension(stox_span field) {
  stox_span value;
  const int is_named = field.n > 0 && stox_char_is(field.p[0], STOX_CHAR_ALPHA);
  return is_named ? attribute_value(&value, field, field.p[0]) : STOX_E_SYNTAX;
}

/* Extensions that may be passed over. */
static int skip_extensions(stox_span rest) {
  stox_span field;
  int status = STOX_OK;
  while (status == STOX_OK && take_field(&field, &rest)) {
    status = check_extension(field);
  }
  return status;
}

static int check_binding_name(stox_span name) {
  for (size_t i = 0; i < name.n; i++) {
    if (!stox_char_is(name.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) && name.p[i] != '.' &&
        name.p[i] != '-') {
      return STOX_E_SYNTAX;
    }
  }
  return name.n == 0 ? STOX_E_SYNTAX : STOX_OK;
}

static int read_gs2(stox_scram_first *out, stox_span *rest) {
  stox_span flag;
  stox_span authzid;
  if (!take_field(&flag, rest) || flag.n == 0 || !take_field(&authzid, rest) || rest->p == NULL) {
    return STOX_E_SYNTAX;
  }
  out->flag = flag.p[0];
  if (out->flag == 'p') {
    if (attribute_value(&out->binding, flag, 'p') != STOX_OK ||
        check_binding_name(out->binding) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
  } else if (flag.n != 1 || (out->flag != 'n' && out->flag != 'y')) {
    return STOX_E_SYNTAX;
  }
  if (authzid.n == 0) {
    return STOX_OK;
  }
  const int status = attribute_value(&out->authzid, authzid, 'a');
  return status == STOX_OK && out->authzid.n == 0 ? STOX_E_SYNTAX : status;
}

int stox_scram_read_first(stox_scram_first *out, stox_span text) {
  stox_span rest = text;
  *out = (stox_scram_first){.flag = 0};
  int status = read_gs2(out, &rest);
  if (status != STOX_OK) {
    return status;
  }
  out->bare = rest;
  out->gs2 = (stox_span){text.p, text.n - rest.n};
  status = check_mandatory(rest);
  if (status == STOX_OK) {
    status = take_attribute(&out->username, &rest, 'n');
  }
  if (status == STOX_OK) {
    status = take_attribute(&out->nonce, &rest, 'r');
  }
  if (status == STOX_OK) {
    status = check_nonce(out->nonce);
  }
  return status == STOX_OK ? skip_extensions(rest) : status;
}

static int read_iterations(uint32_t *out, stox_span text) {
  uint64_t number = 0;
  if (text.n == 0 || text.p[0] == '0' || stox_number_parse(&number, text, UINT32_MAX) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  *out = (uint32_t)number;
  return STOX_OK;
}

int stox_scram_read_challenge(stox_scram_challenge *out, stox_span text) {
  stox_span rest = text;
  stox_span iterations = {NULL, 0};
  *out = (stox_scram_challenge){.iterations = 0};
  int status = check_mandatory(text);
  if (status == STOX_OK) {
    status = take_attribute(&out->nonce, &rest, 'r');
  }
  if (status == STOX_OK) {
    status = check_nonce(out->nonce);
  }
  if (status == STOX_OK) {
    status = take_attribute(&out->salt, &rest, 's');
  }
  if (status == STOX_OK) {
    status = take_attribute(&iterations, &rest, 'i');
  }
  if (status == STOX_OK) {
    status = read_iterations(&out->iterations, iterations);
  }
  return status == STOX_OK ? skip_extensions(rest) : status;
}

int stox_scram_read_final(stox_scram_final *out, stox_span text) {
  stox_span rest = text;
  stox_span field = {NULL, 0};
  *out = (stox_scram_final){.unproved = {text.p, 0}};
  int status = take_attribute(&out->binding, &rest, 'c');
  if (status == STOX_OK) {
    status = take_attribute(&out->nonce, &rest, 'r');
  }
  /* The proof comes last, so that it is no part of what it proves. */
  while (status == STOX_OK && out->proof.p == NULL) {
    if (!take_field(&field, &rest)) {
      return STOX_E_SYNTAX;
    }
    if (rest.p == NULL) {
      status = attribute_value(&out->proof, field, 'p');
      out->unproved.n = text.n - field.n - 1;
    } else {
      status = check_extension(field);
    }
  }
  return status;
}

int stox_scram_read_verifier(stox_span *out, stox_span text) {
  stox_span rest = text;
  stox_span field = {NULL, 0};
  if (!take_field(&field, &rest)) {
    return STOX_E_SYNTAX;
  }
  if (attribute_value(out, field, 'e') == STOX_OK) {
    return STOX_E_AUTH;
  }
  const int status = attribute_value(out, field, 'v');
  return status == STOX_OK ? skip_extensions(rest) : status;
}

/* ---- names ---- */

int stox_scram_put_name(stox_buf *out, stox_span name) {
  for (size_t i = 0; i < name.n; i++) {
    if (name.p[i] == ',') {
      (void)stox_buf_put_text(out, "=2C");
    } else if (name.p[i] == '=') {
      (void)stox_buf_put_text(out, "=3D");
    } else {
      (void)stox_buf_put_octet(out, name.p[i]);
    }
  }
  return stox_buf_status(out);
}

int stox_scram_read_name(stox_buf *out, stox_span escaped) {
  const size_t before = out->len;
  for (size_t i = 0; i < escaped.n; i++) {
    char octet = escaped.p[i];
    if (octet == '=') {
      const stox_span code = stox_span_slice(escaped, i, 3);
      const int is_comma = stox_span_is_equal(code, stox_span_text("=2C"));
      if (!is_comma && !stox_span_is_equal(code, stox_span_text("=3D"))) {
        out->len = before;
        return STOX_E_SYNTAX;
      }
      octet = is_comma ? ',' : '=';
      i += 2;
    }
    (void)stox_buf_put_octet(out, octet);
  }
  return stox_buf_status(out);
}
