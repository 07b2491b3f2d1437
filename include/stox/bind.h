/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Resource binding (RFC 6120 7, draft-ietf-xmpp-core-23 7) and the session of RFC 3921 3: the iq
 * stanzas of both sides.
 *
 * *Shareable*: nothing here keeps state.
 */
#ifndef STOX_BIND_H
#define STOX_BIND_H

#include "stox/dialect.h"
#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** What an iq asks for. */
enum {
  STOX_BIND_NONE = 0,    /**< something else */
  STOX_BIND_ANY = 1,     /**< a resource that the server makes */
  STOX_BIND_NAMED = 2,   /**< the resource that it names */
  STOX_BIND_BAD = 3,     /**< a resource that is empty or that Resourceprep refuses, two of them,
                              or a `jid`, which is the server's to give */
  STOX_BIND_SESSION = 4, /**< the session of RFC 3921, which does nothing any more */
  STOX_BIND_NOMEM = 5    /**< the arena is exhausted */
};

/**
 * Reads an iq as a request to bind.
 * @param[out] resource prepared, with STOX_BIND_NAMED; else absent
 * @param arena where it goes if it has to change
 * @param iq a stanza that stox_stanza_read() took
 * @return STOX_BIND_…
 */
STOX_API int stox_bind_request_read(stox_span *resource, stox_arena *arena, const stox_stanza *iq);

/**
 * Writes a request to bind.
 * @param out the buffer, where `jabber:client` is in scope
 * @param id the iq's
 * @param resource absent: the server is to make one
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_bind_request_write(stox_buf *out, stox_span id, stox_span resource);

/** Writes a request for the session of RFC 3921; results as stox_bind_request_write(). */
STOX_API int stox_bind_session_write(stox_buf *out, stox_span id);

/**
 * Reads the answer to a request to bind.
 * @param[out] jid the full JID, as the server wrote it
 * @param arena where it goes if it has to be joined
 * @param iq an iq of type result
 * @retval STOX_OK read
 * @retval STOX_E_BAD_STANZA there is no `jid`
 * @retval STOX_E_BAD_JID what it holds is no full JID
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_bind_result_read(stox_span *jid, stox_arena *arena, const stox_stanza *iq);

/**
 * Writes the answer to a request: what was bound, or for STOX_BIND_SESSION nothing.
 * @param out the buffer, where `jabber:client` is in scope
 * @param id of the request
 * @param jid the full JID; absent: an empty result
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_bind_result_write(stox_buf *out, stox_span id, stox_span jid);

/**
 * Writes the error that refuses a request to bind. Its type is the one that the document shows: of
 * conflict `modify` (RFC 6120 7.7.2.2) or `cancel` (the draft), of bad-request `modify`, of
 * not-allowed `cancel`, of resource-constraint `wait`; another condition has its own default. The
 * draft's form sends the request back with it.
 * @param out the buffer, where `jabber:client` is in scope
 * @param iq the request
 * @param condition STOX_COND_…; of the draft's dialect resource-constraint is not-allowed
 * @param dialect STOX_DIALECT_…
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such condition
 * @retval STOX_E_STATE not an iq of type get or set
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_bind_error_write(stox_buf *out, const stox_stanza *iq, int condition,
                                   int dialect);

STOX_END_DECLS

#endif
