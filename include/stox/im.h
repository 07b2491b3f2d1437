/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What instant messaging puts into stanzas (RFC 6121): body, subject and thread of messages; show,
 * status and priority of presence.
 */
#ifndef STOX_IM_H
#define STOX_IM_H

#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** A text and its language. */
typedef struct stox_im_text {
  stox_span text; /**< absent: there is no such element; empty: there is, without text */
  stox_span lang; /**< absent: not known */
} stox_im_text;

/**
 * Gives a child's text in the language that fits best: the one asked for or the nearest above it
 * (RFC 4647 3.4), else the one that carries no language of its own, else the first. Languages are
 * inherited.
 * @param[out] out views of the stanza or, where text was joined, of `arena`; absent if there is
 * none
 * @param arena where text is joined
 * @param stanza the stanza
 * @param name of the child, in the stanza's namespace
 * @param wanted a language tag; absent: none is preferred
 * @retval STOX_OK found
 * @retval STOX_E_NONE no such child
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_im_text_read(stox_im_text *out, stox_arena *arena, const stox_stanza *stanza,
                               const char *name, stox_span wanted);

/** A message. */
typedef struct stox_im_message {
  int type;  /**< STOX_TYPE_…; `normal` for none and for one that is not known (RFC 6121
                  5.2.2) */
  int spare; /**< 0 */
  stox_im_text subject; /**< RFC 6121 5.2.4 */
  stox_im_text body;    /**< RFC 6121 5.2.3 */
  stox_span thread;     /**< RFC 6121 5.2.5; absent: none */
  stox_span parent;     /**< the thread that it grew from; absent: none */
} stox_im_message;

/** Reads a message; STOX_OK, STOX_E_ARG for another stanza, STOX_E_NOMEM. Views as
 * stox_im_text_read(). */
STOX_API int stox_im_message_read(stox_im_message *out, stox_arena *arena,
                                  const stox_stanza *stanza, stox_span wanted);

/** Adds subject, body and thread to an open message; an absent one is not written, nor is a
 * language that is absent. */
STOX_API void stox_im_message_put(stox_xml_writer *writer, const stox_im_message *message);

/** Values of `show` (RFC 6121 4.7.2.1). */
enum {
  STOX_SHOW_NONE = 0, /**< absent, or another value: simply available */
  STOX_SHOW_AWAY = 1,
  STOX_SHOW_CHAT = 2,
  STOX_SHOW_DND = 3,
  STOX_SHOW_XA = 4
};

/** A presence. */
typedef struct stox_im_presence {
  int show;            /**< STOX_SHOW_… */
  int priority;        /**< -128 … 127; 0 where it is absent or no such number */
  int is_broken;       /**< 1: show or priority were none that RFC 6121 knows */
  int spare;           /**< 0 */
  stox_im_text status; /**< RFC 6121 4.7.2.2 */
} stox_im_presence;

/** Reads a presence; STOX_OK, STOX_E_ARG for another stanza, STOX_E_NOMEM. Views as
 * stox_im_text_read(). */
STOX_API int stox_im_presence_read(stox_im_presence *out, stox_arena *arena,
                                   const stox_stanza *stanza, stox_span wanted);

/** Adds show, status and a priority other than 0 to an open presence; STOX_OK, or STOX_E_ARG with
 * nothing written for a show or priority that does not exist. */
STOX_API int stox_im_presence_put(stox_xml_writer *writer, const stox_im_presence *presence);

/** @return the text of a STOX_SHOW_…, static; NULL if it has none */
STOX_API const char *stox_im_show_name(int show);

STOX_END_DECLS

#endif
