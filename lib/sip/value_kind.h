/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_VALUE_KIND_H
#define STOX_SIP_VALUE_KIND_H

#include "stox/span.h"

/* Kinds of values, each with its grammar. */
enum {
  STOX_SIP_KIND_NOTHING = 0, /* as a head: the parameters begin at once */
  STOX_SIP_KIND_FLAG,        /* a parameter without a value; member int */
  STOX_SIP_KIND_NUMBER,      /* 1*DIGIT below 2^32; member stox_sip_number, as for those below */
  STOX_SIP_KIND_POSITIVE,    /* 1 … 2^31 - 1 */
  STOX_SIP_KIND_Q,           /* qvalue */
  STOX_SIP_KIND_ADDRESS,     /* as a head: name-addr or addr-spec; member stox_name_addr */
  STOX_SIP_KIND_CONTACT,     /* the same, or `*` */
  STOX_SIP_KIND_ROUTE,       /* as a head: name-addr alone */
  STOX_SIP_KIND_MEDIA,       /* as a head: token SLASH token; two members stox_span */
  STOX_SIP_KIND_MEDIA_TYPE,  /* the same, and each parameter has a token or quoted-string */
  STOX_SIP_KIND_TOKEN,       /* member stox_span, as for all below */
  STOX_SIP_KIND_QUOTED,      /* quoted-string */
  STOX_SIP_KIND_TEXT,        /* token or quoted-string */
  STOX_SIP_KIND_GENERIC,     /* token, host or quoted-string */
  STOX_SIP_KIND_HOST,
  STOX_SIP_KIND_STAR,          /* `*` */
  STOX_SIP_KIND_CALL_ID,       /* word [ "@" word ] */
  STOX_SIP_KIND_EVENT,         /* token-nodot *( "." token-nodot ) */
  STOX_SIP_KIND_LANGUAGE,      /* language-range */
  STOX_SIP_KIND_INDEX,         /* number *( "." number ) */
  STOX_SIP_KIND_ANGLE_URI,     /* LAQUOT absoluteURI RAQUOT */
  STOX_SIP_KIND_QUOTED_URI,    /* a SIP or SIPS URI in quotes */
  STOX_SIP_KIND_BARE_URI,      /* a URI up to white space or `;`, in quotes, or between < and > */
  STOX_SIP_KIND_INSTANCE,      /* DQUOTE "<" 1*uric ">" DQUOTE */
  STOX_SIP_KIND_CONTENT_ID,    /* DQUOTE dot-atom "@" ( dot-atom / host ) DQUOTE */
  STOX_SIP_KIND_SIGNATURE,     /* 1*( base64-char / "." / "=" ) */
  STOX_SIP_KIND_BOOLEAN,       /* "true" / "false" */
  STOX_SIP_KIND_REFRESHER,     /* "uas" / "uac" */
  STOX_SIP_KIND_ALERT,         /* "Normal" / "Null" */
  STOX_SIP_KIND_NAME_ADDR,     /* name-addr / addr-spec as a parameter's value */
  STOX_SIP_KIND_DIGEST,        /* LDQUOT 32LHEX RDQUOT, or base64 in quotes */
  STOX_SIP_KIND_QUOTED_BASE64, /* base64 in quotes; white space may stand in it */
  STOX_SIP_KIND_COMMENT,
  STOX_SIP_KIND_LANGUAGE_TAG, /* language-tag, no star */
  STOX_SIP_KIND_DIGITS,       /* 1*DIGIT, of any length */
  STOX_SIP_KIND_HEX,          /* 1*HEXDIG */
  STOX_SIP_KIND_VERSION,      /* 1*DIGIT "." 1*DIGIT */
  STOX_SIP_KIND_UTF8,         /* TEXT-UTF8-TRIM */
  STOX_SIP_KIND_PRODUCT,      /* token [ SLASH token ] */
  STOX_SIP_KIND_PRODUCTS      /* ( product / comment ) *( LWS ( product / comment ) ) */
};

/* The place behind the value of a kind (with a span) that begins at `at`; `at` itself if there is
 * none. */
size_t stox_sip_kind_end(int kind, stox_span text, size_t at);

/* 1 if the whole text is a value of the kind (with a span). */
int stox_sip_is_kind(int kind, stox_span text);

#endif
