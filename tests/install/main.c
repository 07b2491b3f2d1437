/* SPDX-License-Identifier: MIT */
/* Uses one function of the library it is built for. */
#include <stox/limits.h>
#include <stox/span.h>
#include <stox/status.h>

#if defined(USE_uv)
#include <stox/uv.h>
typedef stox_uv_options options_type;
#define INIT stox_uv_options_init
#elif defined(USE_stox)
#include <stox/xml.h>
typedef stox_xml_options options_type;
#define INIT stox_xml_options_init
#else
typedef stox_limits options_type;
#define INIT stox_limits_init
#endif

int main(void) {
  options_type options;
  if (stox_span_text("a").n != 1) {
    return 1;
  }
  return INIT(&options, sizeof options) == STOX_OK ? 0 : 1;
}
