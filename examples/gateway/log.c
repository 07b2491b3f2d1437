/* SPDX-License-Identifier: MIT */
/* Needed for clock_gettime() and gmtime_r(). */
#define _POSIX_C_SOURCE 200809L

#include "log.h"

#include "stox/status.h"

#include <inttypes.h>
#include <time.h>

static void put_time(FILE *out) {
  struct timespec now = {0, 0};
  struct tm utc;
  char text[32];
  (void)clock_gettime(CLOCK_REALTIME, &now);
  if (gmtime_r(&now.tv_sec, &utc) != NULL &&
      strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) > 0) {
    fprintf(out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
  }
}

/* Inside double quotes, as C and JSON have them; octets above 0x7F stay. */
static void put_escaped(FILE *out, stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char c = (unsigned char)text.p[i];
    if (c == '"' || c == '\\') {
      fprintf(out, "\\%c", c);
    } else if (c < 0x20 || c == 0x7F) {
      fprintf(out, "\\u%04x", c);
    } else {
      fputc(c, out);
    }
  }
}

static int is_plain(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char c = (unsigned char)text.p[i];
    if (c <= 0x20 || c == '"' || c == '\\' || c == 0x7F) {
      return 0;
    }
  }
  return text.n > 0;
}

static void put_field(FILE *out, const char *name, stox_span text) {
  if (text.p == NULL) {
    return;
  }
  const char *quote = is_plain(text) ? "" : "\"";
  fprintf(out, " %s=%s", name, quote);
  put_escaped(out, text);
  fputs(quote, out);
}

static const char *outcome_name(int outcome) {
  static const char *const names[] = {"none",    "delivered", "refused",   "bounced",
                                      "timeout", "ignored",   "late-error"};
  const int known = outcome > 0 && outcome < (int)(sizeof names / sizeof names[0]);
  return names[known ? outcome : 0];
}

void log_record(FILE *out, const stox_gateway_record *r) {
  put_time(out);
  fprintf(out, " %s message way=%s outcome=%s",
          r->outcome == STOX_OUTCOME_DELIVERED || r->outcome == STOX_OUTCOME_IGNORED ? "info"
                                                                                     : "warning",
          r->direction == STOX_GATEWAY_SIP_TO_XMPP ? "sip-to-xmpp" : "xmpp-to-sip",
          outcome_name(r->outcome));
  if (r->code != 0) {
    fprintf(out, " code=%d", r->code);
  }
  if (r->status != STOX_OK) {
    fprintf(out, " reason=%s", stox_status_name(r->status));
  }
  put_field(out, "from", r->from);
  put_field(out, "to", r->to);
  put_field(out, "id", r->id);
  put_field(out, "call-id", r->call_id);
  fprintf(out, " us=%" PRIu64 "\n", r->duration_ns / 1000);
  fflush(out);
}

void log_event(FILE *out, const char *level, const char *event, int status) {
  put_time(out);
  fprintf(out, " %s %s", level, event);
  if (status != STOX_OK) {
    fprintf(out, " reason=%s", stox_status_name(status));
  }
  fputc('\n', out);
  fflush(out);
}

void trace_write(FILE *out, int is_out, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  const char first = bytes.n > 0 ? bytes.p[0] : ' ';
  /* Only the XMPP stream begins its pieces with a tag or white space. */
  const int is_xmpp =
      flow->remote.transport != STOX_TRANSPORT_UDP && (first == '<' || first == ' ');
  fprintf(out, "{\"t\":%.6f,\"dir\":\"%s\",\"proto\":\"%s\",\"peer\":\"", (double)now_ns / 1e9,
          is_out ? "out" : "in", is_xmpp ? "xmpp" : "sip");
  put_escaped(out, flow->remote.host);
  fprintf(out, ":%u\",\"bytes\":\"", flow->remote.port);
  put_escaped(out, bytes);
  fputs("\"}\n", out);
  fflush(out);
}
