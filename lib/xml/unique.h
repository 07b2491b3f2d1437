/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_UNIQUE_H
#define STOX_XML_UNIQUE_H

#include <stdint.h>

/* Below, at or above 0, as memcmp(). */
typedef int xml_order(const void *ud, uint32_t a, uint32_t b);

/* Sorts the n numbers and says whether no two of them are equal by that order. What it takes grows
 * as n log n, whatever the numbers are. */
int xml_is_unique(uint32_t *numbers, uint32_t n, xml_order *order, const void *ud);

#endif
