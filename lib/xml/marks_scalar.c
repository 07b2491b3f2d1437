/* SPDX-License-Identifier: MIT */
#include "xml/marks.h"
#include "xml/names.h"

/* The classes of eight octets, each in an octet of its own. */
static uint64_t eight(const unsigned char *p) {
  uint64_t classes = 0;
  for (unsigned i = 0; i < 8; i++) {
    classes |= (uint64_t)xml_classes[p[i]] << 8 * i;
  }
  return classes;
}

/* One bit of each octet, side by side. */
static uint64_t gather(uint64_t classes, unsigned class_bit) {
  const uint64_t ones = classes >> class_bit & UINT64_C(0x0101010101010101);
  return ones * UINT64_C(0x0102040810204080) >> 56;
}

void xml_marks_scalar(uint64_t *name, uint64_t *data, const char *p, size_t words) {
  const unsigned char *octets = (const unsigned char *)p;
  for (size_t word = 0; word < words; word++, octets += XML_MARKS_BITS) {
    uint64_t names = 0;
    uint64_t datas = 0;
    for (size_t i = 0; i < XML_MARKS_BITS; i += 8) {
      const uint64_t classes = eight(octets + i);
      names |= gather(classes, XML_CLASS_NAME_BIT) << i;
      datas |= gather(classes, XML_CLASS_DATA_BIT) << i;
    }
    name[word] = ~names;
    data[word] = ~datas;
  }
}
