/* SPDX-License-Identifier: MIT */
#include "stox/sip_answer_mode.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule answer_mode_params[] = {
    {"require", STOX_SIP_KIND_FLAG, offsetof(stox_sip_answer_mode, require)},
};

static const stox_sip_shape answer_mode_shape = {"RFC5373-2 Answer-Mode",
                                                 STOX_SIP_KIND_TOKEN,
                                                 sizeof(stox_sip_answer_mode),
                                                 offsetof(stox_sip_answer_mode, mode),
                                                 offsetof(stox_sip_answer_mode, params),
                                                 answer_mode_params,
                                                 sizeof answer_mode_params /
                                                     sizeof answer_mode_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_answer_mode, answer_mode_shape)

int stox_sip_answer_mode_read(int *is_required, const stox_sip_answer_mode *value, int dialect) {
  static const struct {
    const char *mode;
    int kind;
    int is_required;
  } modes[] = {
      {"manual", STOX_SIP_ANSWER_MANUAL, 0},
      {"auto", STOX_SIP_ANSWER_AUTO, 0},
      {"manualreq", STOX_SIP_ANSWER_MANUAL, 1},
      {"autoreq", STOX_SIP_ANSWER_AUTO, 1},
  };
  *is_required = value->require;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    if (stox_span_is_equal_nocase(value->mode, stox_span_text(modes[i].mode)) &&
        (dialect == STOX_DIALECT_DRAFT2005 || !modes[i].is_required)) {
      *is_required |= modes[i].is_required;
      return modes[i].kind;
    }
  }
  return STOX_SIP_ANSWER_UNKNOWN;
}

static const stox_sip_shape alert_mode_shape = {"draft-answeralert-3.1 Alert-Mode",
                                                STOX_SIP_KIND_ALERT,
                                                sizeof(stox_sip_alert_mode),
                                                offsetof(stox_sip_alert_mode, mode),
                                                STOX_SIP_NO_PARAMS,
                                                NULL,
                                                0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_alert_mode, alert_mode_shape)
