/* SPDX-License-Identifier: MIT */
#ifndef STOX_MIME_BODY_CHOICE_H
#define STOX_MIME_BODY_CHOICE_H

#include "stox/mime_entity.h"

/* 1 if an Accept list has the type of a part; text/plain where it has none. */
int stox_body_is_accepted(const stox_mime_entity *part, const stox_span *accepted, size_t n);

#endif
