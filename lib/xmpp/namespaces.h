/* SPDX-License-Identifier: MIT */
#ifndef STOX_XMPP_NAMESPACES_H
#define STOX_XMPP_NAMESPACES_H

/* RFC 6120 14; of the draft 15. */
#define XMPP_NS_STREAMS          "http://etherx.jabber.org/streams"
#define XMPP_NS_CLIENT           "jabber:client"
#define XMPP_NS_SERVER           "jabber:server"
#define XMPP_NS_COMPONENT        "jabber:component:accept"
#define XMPP_NS_DIALBACK         "jabber:server:dialback"
#define XMPP_NS_STREAM_ERRORS    "urn:ietf:params:xml:ns:xmpp-streams"
#define XMPP_NS_TLS              "urn:ietf:params:xml:ns:xmpp-tls"
#define XMPP_NS_SASL             "urn:ietf:params:xml:ns:xmpp-sasl"
#define XMPP_NS_BIND             "urn:ietf:params:xml:ns:xmpp-bind"
#define XMPP_NS_SESSION          "urn:ietf:params:xml:ns:xmpp-session"
#define XMPP_NS_STANZAS          "urn:ietf:params:xml:ns:xmpp-stanzas"
#define XMPP_NS_CAPS             "http://jabber.org/protocol/caps"
#define XMPP_NS_DIALBACK_FEATURE "urn:xmpp:features:dialback"
#define XMPP_NS_PING             "urn:xmpp:ping"

#endif
