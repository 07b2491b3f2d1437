/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_RUNS_H
#define STOX_XML_RUNS_H

#include "xml/names.h"

/* How far plain octets of a class go from `at`, at most to n. */
static inline size_t xml_run(const char *p, size_t at, size_t n, unsigned classes) {
  while (at < n && xml_class(p[at], classes)) {
    at++;
  }
  return at;
}

#endif
