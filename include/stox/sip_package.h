/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Names of event packages.
 */
#ifndef STOX_SIP_PACKAGE_H
#define STOX_SIP_PACKAGE_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/** Event packages that are known by number. */
enum {
  STOX_SIP_PACKAGE_OTHER = 0,           /**< none of the below */
  STOX_SIP_PACKAGE_PRESENCE = 1,        /**< RFC 3856 */
  STOX_SIP_PACKAGE_PRESENCE_WINFO = 2,  /**< RFC 3857 */
  STOX_SIP_PACKAGE_REFER = 3,           /**< RFC 3515 */
  STOX_SIP_PACKAGE_REG = 4,             /**< RFC 3680 */
  STOX_SIP_PACKAGE_MESSAGE_SUMMARY = 5, /**< RFC 3842 */
  STOX_SIP_PACKAGE_DIALOG = 6,          /**< RFC 4235 */
  STOX_SIP_PACKAGE_CONFERENCE = 7,      /**< RFC 4575 */
  STOX_SIP_PACKAGE_KPML = 8,            /**< RFC 4730 */
  STOX_SIP_PACKAGE_UA_PROFILE = 9,      /**< RFC 6080 */
  STOX_SIP_PACKAGE_CERTIFICATE = 10,    /**< RFC 6072 */
  STOX_SIP_PACKAGE_CREDENTIAL = 11,     /**< RFC 6072 */
  STOX_SIP_PACKAGE_LOCATION = 12,       /**< the 2005 draft of location filters */
  STOX_SIP_PACKAGE_COUNT = 13           /**< numbers are below this */
};

/** @return the STOX_SIP_PACKAGE_… of an event type, octet by octet (RFC 6665 8.2.1); templates are
 * part of the type */
STOX_API int stox_sip_package_of(stox_span event_type);

/** @return the event type of a package, static; NULL if there is none */
STOX_API const char *stox_sip_package_name(int package);

STOX_END_DECLS

#endif
