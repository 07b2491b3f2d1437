/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_SHAPE_H
#define STOX_SIP_SHAPE_H

#include "sip/value_kind.h"
#include "stox/sip_value.h"

/* Most header values have one shape, head *( SEMI param ). A table says which head, and which
 * parameters have a member of the struct; one parser and one writer go by it. */

/* Beside a kind of value: the parameter must stand there. */
enum { STOX_SIP_REQUIRED = 1 << 8 };

/* As `params_at`: the grammar has no parameters. */
#define STOX_SIP_NO_PARAMS SIZE_MAX

typedef struct stox_sip_param_rule {
  const char *name;
  int kind;  /* STOX_SIP_KIND_…, with STOX_SIP_REQUIRED or not */
  size_t at; /* its member */
} stox_sip_param_rule;

typedef struct stox_sip_shape {
  const char *rule; /* citation */
  int head;         /* STOX_SIP_KIND_… */
  size_t size;      /* of the struct */
  size_t head_at;   /* its member */
  size_t params_at; /* the member with all parameters */
  const stox_sip_param_rule *params;
  size_t n_params;
} stox_sip_shape;

/* 1 if the text is a display name: a quoted string, tokens, or nothing. */
int stox_sip_is_display(stox_span display);

/* The rule of a parameter, or NULL. */
const stox_sip_param_rule *stox_sip_shape_param(const stox_sip_shape *shape, stox_span name);

/* Parses a value into a struct; STOX_OK, or STOX_E_BAD_HEADER and a struct of zeros. */
int stox_sip_shape_parse(const stox_sip_shape *shape, void *out, stox_span text, stox_diag *diag);

/* Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER and nothing appended. */
int stox_sip_shape_write(const stox_sip_shape *shape, stox_buf *out, const void *value);

/* The two public functions of a header, and one that gives its table, whose name is `shape`. */
#define STOX_SIP_SHAPE_FUNCTIONS(name, shape)                                                      \
  const stox_sip_shape *name##_shape(void);                                                        \
  const stox_sip_shape *name##_shape(void) {                                                       \
    return &(shape);                                                                               \
  }                                                                                                \
  int name##_parse(name *out, stox_span text, stox_diag *diag) {                                   \
    return stox_sip_shape_parse(&(shape), out, text, diag);                                        \
  }                                                                                                \
  int name##_write(stox_buf *out, const name *value) {                                             \
    return stox_sip_shape_write(&(shape), out, value);                                             \
  }

#endif
