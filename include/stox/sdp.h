/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Session descriptions (RFC 8866, RFC 4566): every line kept as it is written, typed access to the
 * ones that a gateway reads, edits, answers (RFC 3264).
 *
 * A description views the caller's octets, and its table of lines lives in the caller's arena;
 * both must outlive it, and the arena must stay in its place. What no edit touches is written
 * octet for octet. Typed access parses a value when it is asked for.
 *
 * Strict wants RFC 8866 9: order, mandatory lines, one space between fields, CRLF, no line of an
 * unknown type, a c= for each media section. Lenient wants lines, `v=0` if there is a v=, the
 * grammar of m=, and says in `is_lenient` that something was accepted only for that.
 */
#ifndef STOX_SDP_H
#define STOX_SDP_H

#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/diag.h"
#include "stox/limits.h"

STOX_BEGIN_DECLS

/** The session section, where a media section is named by its number 0, 1, … */
enum { STOX_SDP_SESSION = -1 };

/** Directions (RFC 8866 6.7). */
enum {
  STOX_SDP_INACTIVE = 0,
  STOX_SDP_SENDONLY = 1,
  STOX_SDP_RECVONLY = 2,
  STOX_SDP_SENDRECV = 3 /**< also what no attribute means */
};

/** Values of a=setup (RFC 4145 4). */
enum {
  STOX_SDP_SETUP_NONE = 0, /**< none, or one that is not known */
  STOX_SDP_SETUP_ACTIVE = 1,
  STOX_SDP_SETUP_PASSIVE = 2,
  STOX_SDP_SETUP_ACTPASS = 3,
  STOX_SDP_SETUP_HOLDCONN = 4
};

/** What an m=message line is for. */
enum {
  STOX_SDP_MESSAGE_NONE = 0,  /**< no m=message, or one of an unknown form */
  STOX_SDP_MESSAGE_SIP = 1,   /**< MESSAGE requests in the dialog: `sip/tcp` or Microsoft's `sip` */
  STOX_SDP_MESSAGE_MSRP = 2,  /**< `TCP/MSRP *` (RFC 4975 8.1) */
  STOX_SDP_MESSAGE_MSRPS = 3, /**< `TCP/TLS/MSRP *` */
  STOX_SDP_MESSAGE_REJECTED = 4 /**< any of them with port 0 */
};

/** A line. */
typedef struct stox_sdp_line {
  stox_span text;  /**< with its line end, where it has one */
  stox_span value; /**< behind the `=`; absent for a line of no type */
  int type;        /**< the letter; 0: a line that is none, which lenient keeps */
  int media;       /**< its media section, or STOX_SDP_SESSION */
} stox_sdp_line;

/** A description; read its members, change it by functions alone. */
typedef struct stox_sdp {
  stox_sdp_line *lines; /**< in the arena */
  size_t n;             /**< number of lines */
  size_t room;          /**< @private */
  stox_arena *arena;    /**< @private */
  int media_count;      /**< number of m= lines */
  int is_lenient;       /**< 1: something was accepted only for that */
} stox_sdp;

/** o= */
typedef struct stox_sdp_origin {
  stox_span username; /**< `-`: none */
  stox_span id;       /**< decimal digits, of any length */
  stox_span version;  /**< decimal digits, of any length */
  stox_span nettype;  /**< `IN` */
  stox_span addrtype; /**< `IP4`, `IP6` */
  stox_span address;  /**< as written */
} stox_sdp_origin;

/** c= */
typedef struct stox_sdp_connection {
  stox_span nettype;  /**< `IN` */
  stox_span addrtype; /**< `IP4`, `IP6` */
  stox_span address;  /**< without TTL and number of addresses */
  stox_span suffix;   /**< TTL and number of a multicast address, behind the first `/`; or absent */
} stox_sdp_connection;

/** m= */
typedef struct stox_sdp_media {
  stox_span media;     /**< `audio`, `message`, … */
  stox_span proto;     /**< `RTP/AVP`, … */
  stox_span formats;   /**< all of them; walk with stox_sdp_word_next() */
  uint32_t port;       /**< 0: rejected */
  uint32_t port_count; /**< 1 unless written */
} stox_sdp_media;

/** a= */
typedef struct stox_sdp_attribute {
  stox_span name;  /**< as written; attribute names have case */
  stox_span value; /**< behind the `:`, with leading spaces; absent: none */
  size_t line;     /**< index of its line */
} stox_sdp_attribute;

/** a=rtpmap */
typedef struct stox_sdp_rtpmap {
  stox_span encoding;  /**< encoding name */
  stox_span params;    /**< behind the clock rate; absent: none */
  uint32_t payload;    /**< 0 … 127 */
  uint32_t clock_rate; /**< Hz */
} stox_sdp_rtpmap;

/** One end of an MSRP path (RFC 4975 6, 8.2). */
typedef struct stox_sdp_path {
  stox_span uri;       /**< as written */
  stox_span host;      /**< without port; an IPv6 address in brackets */
  stox_span session;   /**< session identifier; absent: none, as for a relay */
  stox_span transport; /**< `tcp`, … */
  uint32_t port;       /**< 1 … 65535 */
  int is_secure;       /**< 1: `msrps` */
} stox_sdp_path;

/**
 * Parses a description.
 * @param[out] out the description
 * @param arena where its table of lines goes
 * @param text the body
 * @param limits `sdp_lines`; NULL: defaults
 * @param lenient 1: see above
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_BODY a line, or the order of lines, breaks the grammar
 * @retval STOX_E_MISSING a mandatory line is absent
 * @retval STOX_E_CTRL NUL, or CR or LF within a line
 * @retval STOX_E_TOO_MANY a limit is exceeded
 * @retval STOX_E_NOMEM the arena is exhausted
 * @retval STOX_E_ARG bad `limits`
 */
STOX_API int stox_sdp_parse(stox_sdp *out, stox_arena *arena, stox_span text,
                            const stox_limits *limits, int lenient, stox_diag *diag);

/** Appends the description: untouched lines octet for octet. STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_sdp_write(stox_buf *out, const stox_sdp *sdp);

/**
 * Makes a new description without media: v=, o=, `s=-`, c=, `t=0 0`.
 * @param[out] out the description
 * @param arena where its lines go
 * @param origin the value of o=
 * @param connection the value of c=
 * @retval STOX_OK made
 * @retval STOX_E_BAD_BODY one of the values is none
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sdp_new(stox_sdp *out, stox_arena *arena, stox_span origin, stox_span connection);

/**
 * Makes an answer that rejects everything: v=, o=, `s=-`, c=, the offer's t=, and for each m= of
 * the offer one with port 0 in its place (RFC 3264 6). Accept a section by giving its m= line the
 * wanted value with stox_sdp_set(), and its attributes with stox_sdp_add().
 * @param[out] out the answer
 * @param arena where its lines go
 * @param offer the offer; need not outlive the answer
 * @param origin the value of o=
 * @param connection the value of c=
 * @return as stox_sdp_new()
 */
STOX_API int stox_sdp_answer(stox_sdp *out, stox_arena *arena, const stox_sdp *offer,
                             stox_span origin, stox_span connection);

/**
 * Finds the next line of a type in a section.
 * @param[out] out index of the line
 * @param sdp the description
 * @param media a media section or STOX_SDP_SESSION
 * @param type the letter
 * @param from index to begin at: 0, or one more than the last found
 * @retval STOX_OK found
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_sdp_find(size_t *out, const stox_sdp *sdp, int media, char type, size_t from);

/**
 * Replaces the value of a line.
 * @param sdp the description
 * @param index of a line that has a type
 * @param value the new value, copied
 * @retval STOX_OK replaced
 * @retval STOX_E_ARG no such line
 * @retval STOX_E_CTRL the value holds NUL, CR or LF
 * @retval STOX_E_BAD_BODY the value is none of its type
 * @retval STOX_E_NOMEM the arena is exhausted; nothing changed
 */
STOX_API int stox_sdp_set(stox_sdp *sdp, size_t index, stox_span value);

/**
 * Adds a line to a section, behind the last one that may stand before it (RFC 8866 9); an m= line
 * always at the end, as a new section.
 * @param sdp the description
 * @param media a media section or STOX_SDP_SESSION; not used for m=
 * @param type the letter, one of RFC 8866's
 * @param value the value, copied
 * @return as stox_sdp_set()
 */
STOX_API int stox_sdp_add(stox_sdp *sdp, int media, char type, stox_span value);

/**
 * Removes a line other than m=: an answer keeps a slot for each (RFC 3264 8.2).
 * @retval STOX_OK removed
 * @retval STOX_E_ARG no such line, or an m= line
 */
STOX_API int stox_sdp_remove(stox_sdp *sdp, size_t index);

/**
 * Rejects a media section: its port becomes 0, all else stays.
 * @retval STOX_OK rejected
 * @retval STOX_E_ARG no such section
 * @retval STOX_E_NOMEM the arena is exhausted; nothing changed
 */
STOX_API int stox_sdp_reject(stox_sdp *sdp, int media);

/**
 * Gives the m= line of a section.
 * @retval STOX_OK given
 * @retval STOX_E_NONE no such section
 */
STOX_API int stox_sdp_get_media(stox_sdp_media *out, const stox_sdp *sdp, int media);

/**
 * Gives the c= line that holds for a section: its own first, else the session's.
 * @retval STOX_OK given
 * @retval STOX_E_NONE neither has one
 * @retval STOX_E_BAD_BODY malformed
 */
STOX_API int stox_sdp_get_connection(stox_sdp_connection *out, const stox_sdp *sdp, int media);

/**
 * Finds the next attribute of a name in a section.
 * @param[out] out the attribute
 * @param sdp the description
 * @param media a media section or STOX_SDP_SESSION
 * @param name its name; NULL: any
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK found
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_sdp_next_attribute(stox_sdp_attribute *out, const stox_sdp *sdp, int media,
                                     const char *name, size_t *cursor);

/** @return STOX_SDP_SENDRECV …: the direction of a section, the session's where it has none */
STOX_API int stox_sdp_direction(const stox_sdp *sdp, int media);

/** @return STOX_SDP_SETUP_…: that of a section, the session's where it has none */
STOX_API int stox_sdp_setup(const stox_sdp *sdp, int media);

/**
 * Gives the a=setup of an answer (RFC 4145 4.1, RFC 6135 4.2.1). An offer without one, or with
 * holdconn, is one of a side that connects.
 * @param offered STOX_SDP_SETUP_… of the offer
 * @param preferred STOX_SDP_SETUP_ACTIVE or STOX_SDP_SETUP_PASSIVE, where the offer leaves the
 * choice
 * @return STOX_SDP_SETUP_ACTIVE or STOX_SDP_SETUP_PASSIVE
 */
STOX_API int stox_sdp_setup_answer(int offered, int preferred);

/**
 * Sets a=setup of a section; holdconn is never sent (RFC 6135 4.2.1).
 * @retval STOX_OK set
 * @retval STOX_E_ARG no such section, or none of active, passive, actpass
 * @retval STOX_E_NOMEM the arena is exhausted; nothing changed
 */
STOX_API int stox_sdp_set_setup(stox_sdp *sdp, int media, int setup);

/**
 * Parses the value of a=path: one MSRP URI or more, each with a port.
 * @param[out] first where to connect to
 * @param[out] last who the peer is; the same where there is one URI
 * @param value of the attribute, with leading spaces
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_BODY no URI
 * @retval STOX_E_BAD_URI one that is no MSRP URI, or has no port
 */
STOX_API int stox_sdp_path_parse(stox_sdp_path *first, stox_sdp_path *last, stox_span value);

/**
 * Says what a media section is for, if it is m=message, be it of RFC 4975, of the inter-domain
 * draft (6.3.2) or Microsoft's.
 * @param[out] uri the SIP URI behind it; absent: none; may be NULL
 * @param media an m= line
 * @return STOX_SDP_MESSAGE_…
 */
STOX_API int stox_sdp_message_kind(stox_span *uri, const stox_sdp_media *media);

/**
 * Appends the value of an m= line for MESSAGE requests in the dialog (inter-domain draft 6.3.2).
 * @param out the buffer
 * @param port 0 … 65535
 * @param uri the value of Contact; absent: none
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_PORT STOX_E_BAD_URI refused; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sdp_message_write(stox_buf *out, uint32_t port, stox_span uri);

/** Parses the value of o=; STOX_OK or STOX_E_BAD_BODY. */
STOX_API int stox_sdp_origin_parse(stox_sdp_origin *out, stox_span value);

/** Parses the value of c=; STOX_OK or STOX_E_BAD_BODY. */
STOX_API int stox_sdp_connection_parse(stox_sdp_connection *out, stox_span value);

/** Parses the value of m=, spaces between fields as strict or lenient wants; STOX_OK or
 * STOX_E_BAD_BODY. */
STOX_API int stox_sdp_media_parse(stox_sdp_media *out, stox_span value, int lenient);

/** Parses the value of b= into its type and number; STOX_OK or STOX_E_BAD_BODY. */
STOX_API int stox_sdp_bandwidth_parse(stox_span *type, uint64_t *number, stox_span value);

/** Parses the value of t= into NTP seconds, 0: unbounded; STOX_OK or STOX_E_BAD_BODY. */
STOX_API int stox_sdp_time_parse(uint64_t *start, uint64_t *stop, stox_span value);

/** Parses an interval of r= or z= such as `7d`, without sign, into seconds; STOX_OK or
 * STOX_E_BAD_BODY. */
STOX_API int stox_sdp_interval_parse(uint64_t *seconds, stox_span text);

/** Parses the value of a=rtpmap; STOX_OK or STOX_E_BAD_BODY. */
STOX_API int stox_sdp_rtpmap_parse(stox_sdp_rtpmap *out, stox_span value);

/** Parses the value of a=fmtp into its format and what follows; STOX_OK or STOX_E_BAD_BODY. */
STOX_API int stox_sdp_fmtp_parse(stox_span *format, stox_span *params, stox_span value);

/**
 * Walks words between spaces: formats, the URIs of a=path, the types of a=accept-types.
 * @param[out] out the word
 * @param text the list
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_sdp_word_next(stox_span *out, stox_span text, size_t *cursor);

/**
 * Tells whether a=accept-types or a=accept-wrapped-types allows a media type: by name, by `type/`
 * and `*`, or by `*`; without case, parameters apart (RFC 4975 8.6).
 * @param types the attribute's value
 * @param type such as `text`
 * @param subtype such as `plain`
 * @return 1 if it does, else 0
 */
STOX_API int stox_sdp_is_accepted(stox_span types, stox_span type, stox_span subtype);

STOX_END_DECLS

#endif
