/* SPDX-License-Identifier: MIT */
/**
 * @file
 * libstox-uv: a DNS resolver on a libuv loop (c-ares, without threads).
 *
 * It asks recursive servers, over UDP and, where an answer is cut short, TCP; what comes back is
 * read by stox/answer.h. Search domains, hosts files and aliases of the host are not consulted. One
 * object belongs to one loop and one thread.
 */
#ifndef STOX_UV_RESOLVER_H
#define STOX_UV_RESOLVER_H

#include "stox/allocator.h"
#include "stox/answer_cache.h"
#include "stox/record.h"

STOX_BEGIN_DECLS

/** Most servers that are asked. */
enum { STOX_UV_RESOLVER_SERVERS = 8 };

/** A resolver. */
typedef struct stox_uv_resolver stox_uv_resolver;

/** Options; make them with stox_uv_resolver_options_init(). */
typedef struct stox_uv_resolver_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  void *loop;                  /**< the `uv_loop_t *`; must be given */
  const stox_allocator *alloc; /**< NULL: the C library's; c-ares uses the C library's anyway */
  stox_span servers;           /**< IP addresses with commas between them, each with `:port` if it
                                    is not 53 (`192.0.2.1,[2001:db8::1]:5353`); absent: the
                                    system's (/etc/resolv.conf) */
  uint64_t try_timeout_ns;     /**< for the first try at a server; doubles with each; 1 s */
  uint32_t tries;              /**< at each server, 3 */
  uint64_t timeout_ns;         /**< for a question in all, 5 s */
  uint32_t max_open;           /**< questions at a time, 1,024 */
  stox_answer_cache *cache;    /**< looked at first, and filled; must outlive the resolver; NULL */
} stox_uv_resolver_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_uv_resolver_options_init(stox_uv_resolver_options *out, size_t size);

/**
 * Makes a resolver.
 * @retval STOX_OK made; delete it with stox_uv_resolver_del()
 * @retval STOX_E_ARG no loop, no tries or no time
 * @retval STOX_E_BAD_HOST a server that is no IP address
 * @retval STOX_E_BAD_PORT a server's port is none
 * @retval STOX_E_TOO_MANY servers
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_uv_resolver_new(stox_uv_resolver **out, const stox_uv_resolver_options *options);

/** Ends a resolver: open questions are not answered any more; runs the loop until its sockets are
 * closed. NULL is ignored. */
STOX_API void stox_uv_resolver_del(stox_uv_resolver *obj);

/**
 * Who gets an answer. It is called from the loop, never from within stox_uv_resolver_ask(), and may
 * call the resolver but not delete it.
 * @param ud as given
 * @param id the question's
 * @param status STOX_OK, also where there are no such records; STOX_E_TIMEOUT: no answer in time;
 * STOX_E_REFUSED: servers failed; STOX_E_SYNTAX and others: the answer is malformed
 * @param records valid for the call
 * @param n how many
 */
typedef void (*stox_uv_resolver_done)(void *ud, uint64_t id, int status, const stox_record *records,
                                      size_t n);

/**
 * Asks a question.
 * @param obj the resolver
 * @param question copied
 * @param done called once, unless the question is cancelled
 * @param ud its first argument
 * @param[out] id for stox_uv_resolver_cancel(); never 0; may be NULL
 * @retval STOX_OK asked
 * @retval STOX_E_BAD_DOMAIN not a name of letters, digits, hyphens, underscores and dots
 * @retval STOX_E_UNSUPPORTED another type than STOX_RECORD_…
 * @retval STOX_E_FULL too many questions are open
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_uv_resolver_ask(stox_uv_resolver *obj, const stox_question *question,
                                  stox_uv_resolver_done done, void *ud, uint64_t *id);

/**
 * Takes a question back: it will not be answered.
 * @retval STOX_OK taken back
 * @retval STOX_E_NONE no such question is open
 */
STOX_API int stox_uv_resolver_cancel(stox_uv_resolver *obj, uint64_t id);

/** @return how many questions went to servers because the cache did not know */
STOX_API uint64_t stox_uv_resolver_asked(const stox_uv_resolver *obj);

STOX_END_DECLS

#endif
