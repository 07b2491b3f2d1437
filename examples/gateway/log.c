/* SPDX-License-Identifier: MIT */
/* Needed for clock_gettime() and gmtime_r(). */
#define _POSIX_C_SOURCE 200809L

#include "log.h"

#include "stox/status.h"
#include "stox/utf8.h"

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

/* Inside double quotes, as C and JSON have them. Controls are escaped, those of Latin-1 and the
 * line ends of Unicode too: no peer writes on a terminal. What is not UTF-8 becomes U+FFFD. */
static void put_escaped(FILE *out, stox_span text) {
  for (size_t at = 0; at < text.n;) {
    const size_t start = at;
    uint32_t c = 0;
    if (stox_utf8_next(&c, text, &at) != STOX_OK) {
      fputs("\xEF\xBF\xBD", out);
      at = start + 1;
    } else if (c == '"' || c == '\\') {
      fprintf(out, "\\%c", (char)c);
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029) {
      fprintf(out, "\\u%04x", (unsigned)c);
    } else {
      fwrite(text.p + start, 1, at - start, out);
    }
  }
}

static int is_plain(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char c = (unsigned char)text.p[i];
    if (c <= 0x20 || c == '"' || c == '\\' || c >= 0x7F) {
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

static void put_reasons(FILE *out, uint32_t reasons) {
  const char *mark = " certificate=";
  for (uint32_t bit = 1; bit != 0 && bit <= reasons; bit <<= 1) {
    if ((reasons & bit) != 0) {
      fprintf(out, "%s%s", mark, stox_chain_reason_name(bit));
      mark = ",";
    }
  }
}

void log_insecure(FILE *out, const stox_flow *flow, int status, const stox_tls *tls) {
  stox_chain_verdict verdict = {.size = sizeof verdict};
  put_time(out);
  if (status == STOX_OK) {
    fputs(" warning tls-unverified", out);
  } else {
    fprintf(out, " warning tls-failed reason=%s", stox_status_name(status));
  }
  put_field(out, "peer", flow->remote.host);
  fprintf(out, " port=%u", flow->remote.port);
  if (stox_tls_alert(tls) >= 0) {
    fprintf(out, " alert=%d", stox_tls_alert(tls));
  }
  if (stox_tls_verdict(tls, &verdict) == STOX_OK) {
    put_reasons(out, verdict.reasons);
  }
  fputc('\n', out);
  fflush(out);
}

void log_link(FILE *out, const char *level, const char *event, int status,
              const stox_federation_link *link) {
  const int is_external = link->by == STOX_STREAM_BY_SASL;
  const char *by = is_external ? "external" : "dialback";
  put_time(out);
  fprintf(out, " %s %s", level, event);
  put_field(out, "local", link->local);
  put_field(out, "remote", link->remote);
  fprintf(out, " by=%s tls=%s verified=%s", link->by == 0 ? "none" : by,
          link->is_secure ? "yes" : "no", link->is_verified ? "yes" : "no");
  if (status != STOX_OK) {
    fprintf(out, " reason=%s", stox_status_name(status));
  }
  if (link->condition != 0) {
    fprintf(out, " error=%s", stox_stream_condition_name(link->condition, STOX_DIALECT_RFC));
  }
  fputc('\n', out);
  fflush(out);
}

void trace_write(FILE *out, const crossing *what) {
  const int is_ip6 = stox_span_find(what->peer->host, ':') < what->peer->host.n;
  fprintf(out, "{\"t\":%.6f,\"dir\":\"%s\",\"proto\":\"%s\",\"peer\":\"%s",
          (double)what->now_ns / 1e9, what->is_out ? "out" : "in", what->is_xmpp ? "xmpp" : "sip",
          is_ip6 ? "[" : "");
  put_escaped(out, what->peer->host);
  fprintf(out, "%s:%u\",\"bytes\":\"", is_ip6 ? "]" : "", what->peer->port);
  put_escaped(out, what->bytes);
  fputs("\"}\n", out);
  fflush(out);
}
