/* SPDX-License-Identifier: MIT */
#include "stox/sip_dialog.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule replaces_params[] = {
    {"to-tag", STOX_SIP_KIND_TOKEN | STOX_SIP_REQUIRED, offsetof(stox_sip_replaces, to_tag)},
    {"from-tag", STOX_SIP_KIND_TOKEN | STOX_SIP_REQUIRED, offsetof(stox_sip_replaces, from_tag)},
    {"early-only", STOX_SIP_KIND_FLAG, offsetof(stox_sip_replaces, early_only)},
};

static const stox_sip_shape replaces_shape = {"RFC3891-6.1 Replaces",
                                              STOX_SIP_KIND_CALL_ID,
                                              sizeof(stox_sip_replaces),
                                              offsetof(stox_sip_replaces, call_id),
                                              offsetof(stox_sip_replaces, params),
                                              replaces_params,
                                              sizeof replaces_params / sizeof replaces_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_replaces, replaces_shape)

static const stox_sip_param_rule join_params[] = {
    {"to-tag", STOX_SIP_KIND_TOKEN | STOX_SIP_REQUIRED, offsetof(stox_sip_join, to_tag)},
    {"from-tag", STOX_SIP_KIND_TOKEN | STOX_SIP_REQUIRED, offsetof(stox_sip_join, from_tag)},
};

static const stox_sip_shape join_shape = {"RFC3911-7.1 Join",
                                          STOX_SIP_KIND_CALL_ID,
                                          sizeof(stox_sip_join),
                                          offsetof(stox_sip_join, call_id),
                                          offsetof(stox_sip_join, params),
                                          join_params,
                                          sizeof join_params / sizeof join_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_join, join_shape)

static const stox_sip_param_rule target_dialog_params[] = {
    {"remote-tag", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_target_dialog, remote_tag)},
    {"local-tag", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_target_dialog, local_tag)},
};

static const stox_sip_shape target_dialog_shape = {"RFC4538-7 Target-Dialog",
                                                   STOX_SIP_KIND_CALL_ID,
                                                   sizeof(stox_sip_target_dialog),
                                                   offsetof(stox_sip_target_dialog, call_id),
                                                   offsetof(stox_sip_target_dialog, params),
                                                   target_dialog_params,
                                                   sizeof target_dialog_params /
                                                       sizeof target_dialog_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_target_dialog, target_dialog_shape)
