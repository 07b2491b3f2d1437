/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Stanzas (RFC 6120 8): message, presence, iq; their common attributes; stanza errors.
 */
#ifndef STOX_STANZA_H
#define STOX_STANZA_H

#include "stox/dialect.h"
#include "stox/error_map.h"
#include "stox/xml.h"

STOX_BEGIN_DECLS

/** Kinds of stanza. */
enum { STOX_STANZA_MESSAGE = 1, STOX_STANZA_PRESENCE = 2, STOX_STANZA_IQ = 3 };

/** Values of the attribute `type`. */
enum {
  STOX_TYPE_NONE = 0,  /**< absent */
  STOX_TYPE_OTHER = 1, /**< a value that its kind does not know */
  STOX_TYPE_ERROR = 2,
  STOX_TYPE_NORMAL = 3, /**< message */
  STOX_TYPE_CHAT = 4,
  STOX_TYPE_GROUPCHAT = 5,
  STOX_TYPE_HEADLINE = 6,
  STOX_TYPE_UNAVAILABLE = 7, /**< presence */
  STOX_TYPE_SUBSCRIBE = 8,
  STOX_TYPE_SUBSCRIBED = 9,
  STOX_TYPE_UNSUBSCRIBE = 10,
  STOX_TYPE_UNSUBSCRIBED = 11,
  STOX_TYPE_PROBE = 12,
  STOX_TYPE_GET = 13, /**< iq */
  STOX_TYPE_SET = 14,
  STOX_TYPE_RESULT = 15
};

/** A stanza in views of its element. */
typedef struct stox_stanza {
  int kind;                        /**< STOX_STANZA_… */
  int type;                        /**< STOX_TYPE_… */
  stox_span from;                  /**< absent: none */
  stox_span to;                    /**< absent: none */
  stox_span id;                    /**< absent: none */
  stox_span lang;                  /**< own xml:lang if it is a language tag, else the stream's;
                                        absent: none */
  stox_span ns;                    /**< the stanza's namespace */
  const stox_xml_element *element; /**< the element */
} stox_stanza;

/** A stanza error that was read. */
typedef struct stox_stanza_error {
  int condition;     /**< STOX_COND_…; STOX_COND_UNDEFINED_CONDITION for one that is not known */
  int type;          /**< STOX_ERROR_…; the condition's default if absent or unknown */
  int is_type_known; /**< 1: the attribute `type` is one of the five, 0: absent or another */
  int code;          /**< the attribute `code` of RFC 3920, 0: none */
  stox_span address; /**< character data of gone or redirect; absent: none */
  stox_span text;    /**< absent: none */
  stox_span lang;    /**< of the text; absent: none */
  stox_span by;      /**< absent: none */
  const stox_xml_element *application; /**< application-specific condition; NULL: none */
} stox_stanza_error;

/**
 * Reads an element as a stanza.
 * @param[out] out views of `element`
 * @param element a child of the stream
 * @param stream_lang xml:lang of the stream; absent: none
 * @retval STOX_OK read
 * @retval STOX_E_NONE not a message, presence or iq of a stanza namespace
 * @retval STOX_E_BAD_STANZA an iq without id or with a wrong type or number of children; `out` is
 * filled, so that bad-request can be answered (RFC 6120 8.2.3)
 */
STOX_API int stox_stanza_read(stox_stanza *out, const stox_xml_element *element,
                              stox_span stream_lang);

/**
 * Reads the error child of a stanza of type error (RFC 6120 8.3, RFC 3920 9.3). The attribute
 * `code` counts only where there is no condition of any name, as before RFC 3920; the text is then
 * the element's own (XEP-0086).
 * @param[out] out views of the stanza's element, and of `arena` where text had to be joined
 * @param arena where text is joined
 * @param stanza the stanza
 * @retval STOX_OK read
 * @retval STOX_E_NONE it is of another type, or has no such child: `out` says
 * undefined-condition, and nothing is to be answered
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_stanza_error_read(stox_stanza_error *out, stox_arena *arena,
                                    const stox_stanza *stanza);

/**
 * The language of an element in a stanza: its own xml:lang, else that of the elements around it,
 * else the stanza's, else the stream's (RFC 6120 8.1.5, XML 1.0 2.12).
 * @param stanza the stanza
 * @param inside an element of it
 * @return a view of the tree or of what stox_stanza_read() was given; absent: none is known
 */
STOX_API stox_span stox_stanza_lang_of(const stox_stanza *stanza, const stox_xml_element *inside);

/** @return 1 if a text is a language tag by its form (RFC 3066 2.1, RFC 5646), else 0 */
STOX_API int stox_lang_is_tag(stox_span text);

/**
 * Writes a stanza that was read, for another stream: with `from`, `to` and `id` as they stand in
 * `stanza`, its `type` where that is a STOX_TYPE_… with a name, and in the content namespace of
 * that stream (RFC 6120 4.8.3): the stanza and its children of its own namespace are moved,
 * elements of other namespaces with all they hold stay as they are. All attributes and all content
 * are kept. Where the stanza has no xml:lang of its own and the streams' languages differ, it gets
 * one (RFC 6120 8.1.5).
 * @param out the buffer
 * @param stanza what to write; `element` is what it was read from
 * @param ns content namespace of the stream that it goes to
 * @param stream_lang xml:lang of that stream; absent: none
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no element
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL an attribute that XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_stanza_write(stox_buf *out, const stox_stanza *stanza, stox_span ns,
                               stox_span stream_lang);

/** @return the text of a type, static; NULL for STOX_TYPE_NONE and STOX_TYPE_OTHER */
STOX_API const char *stox_stanza_type_name(int type);

/** @return the name of a kind (`message` …), static; NULL if there is none */
STOX_API const char *stox_stanza_kind_name(int kind);

/** Most octets of an error answer, where nothing else is said: what every receiver must take (RFC
 * 6120 13.12). */
enum { STOX_ERROR_ANSWER_MAX = 10000 };

/** An error to be written. Zero-initialise, then fill. */
typedef struct stox_error_write {
  int condition;     /**< STOX_COND_… */
  int type;          /**< STOX_ERROR_… */
  stox_span address; /**< text of gone or redirect, not written in others; absent: none */
  stox_span text;    /**< absent: none */
  stox_span lang;    /**< of the text; absent: `en` */
  stox_span by;      /**< who found it, not written in RFC 3920's form; absent: none */
  stox_span from;    /**< sender of the answer; absent: to whom the stanza was addressed */
  int with_payload;  /**< 1: the stanza's children are sent back with it, if that fits in `max` */
  int dialect;       /**< STOX_DIALECT_… */
  int with_code;     /**< 1: with the attribute `code` (RFC 3920 9.3.2, XEP-0086) */
  size_t max;        /**< most octets of the answer; 0: STOX_ERROR_ANSWER_MAX */
  const stox_xml_element *application; /**< application-specific condition; NULL: none */
  const char *application_ns;          /**< namespace of one without content; NULL: none */
  const char *application_name;        /**< its name */
} stox_error_write;

/**
 * Writes the error answer to a stanza: addresses exchanged, id kept (RFC 6120 8.3.1). A stanza of
 * type error, or an iq of type result, is never answered. RFC 3920 has no policy-violation, so in
 * its form that is not-acceptable.
 * @retval STOX_OK appended
 * @retval STOX_E_STATE it must not be answered
 * @retval STOX_E_ARG no such condition, type or dialect, payment-required outside RFC 3920, or
 * `lang` is no language tag
 * @retval STOX_E_TOO_LONG above `max` without the payload too; nothing appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_stanza_error_write(stox_buf *out, const stox_stanza *stanza,
                                     const stox_error_write *error);

/**
 * Opens a stanza in a writer: kind, type, from, to, id, xml:lang. The caller adds children and
 * closes.
 * @param writer the writer, with the stream's namespace in scope
 * @param stanza `element` is not looked at; `ns` is its namespace, absent: the one in scope;
 *        `kind` is one of STOX_STANZA_…
 */
STOX_API void stox_stanza_open(stox_xml_writer *writer, const stox_stanza *stanza);

/**
 * Writes a SHIM headers element with Max-Forwards into a stanza (XEP-0131), for
 * stox_hops_take_stanza() of the next gateway.
 */
STOX_API void stox_hops_write(stox_xml_writer *writer, uint32_t hops);

STOX_END_DECLS

#endif
