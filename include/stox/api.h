/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What every public header needs: symbol visibility, C linkage and the fixed-width types.
 *
 * Under `STOX_CDEF` (headers fed to a binding generator by `cpp -P -DSTOX_CDEF`) no system header
 * is included and every macro here is empty.
 */
#ifndef STOX_API_H
#define STOX_API_H

#ifdef STOX_CDEF
#define STOX_API
#define STOX_BEGIN_DECLS
#define STOX_END_DECLS
#else
#include <stddef.h>
#include <stdint.h>
#if defined(__GNUC__)
/** Marks an exported function. */
#define STOX_API __attribute__((visibility("default")))
#else
#define STOX_API
#endif
#ifdef __cplusplus
#define STOX_BEGIN_DECLS extern "C" {
#define STOX_END_DECLS   }
#else
/** Opens the declarations of a header (C linkage in C++). */
#define STOX_BEGIN_DECLS
/** Closes what STOX_BEGIN_DECLS opened. */
#define STOX_END_DECLS
#endif
#endif

#endif
