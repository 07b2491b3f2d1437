/* SPDX-License-Identifier: MIT */
#include "stox/xmpp_rules.h"
#include "stox/status.h"

/* The cells of the tables. */
enum {
  DROP,
  BOUNCE,  /* service-unavailable */
  BAD,     /* bad-request */
  DELIVER, /* to the resource named */
  BEST,
  ALL,
  STORE,   /* where messages are stored, else BOUNCE */
  PRETEND, /* as an account that is not there: in silence where messages are stored, else BOUNCE */
  HIDE,    /* BOUNCE for those who may know, for others DROP */
  SHARE,   /* DELIVER for those who may know, for others BOUNCE */
  PRESENT, /* ALL if a resource is available, else DROP */
  ACCOUNT
};

/* What an address names. */
enum { BARE, MATCH, NO_MATCH, PLACES };

/* What is there. */
enum { NOBODY, AWAY, HERE, STATES };

enum { NORMAL, CHAT, GROUPCHAT, HEADLINE, MESSAGE_ERROR, MESSAGES };

/* RFC 6121 Table 1, and 8.5.2.1.1, 8.5.2.2.1, 8.5.3.2.1 for errors. */
static const unsigned char messages[PLACES][STATES][MESSAGES] = {
    [BARE] =
        {
            [NOBODY] = {PRETEND, PRETEND, BOUNCE, DROP, DROP},
            [AWAY] = {STORE, STORE, BOUNCE, DROP, DROP},
            [HERE] = {BEST, BEST, BOUNCE, ALL, DROP},
        },
    [MATCH] =
        {
            [NOBODY] = {HIDE, PRETEND, HIDE, HIDE, DROP},
            [AWAY] = {DELIVER, DELIVER, DELIVER, DELIVER, DELIVER},
            [HERE] = {DELIVER, DELIVER, DELIVER, DELIVER, DELIVER},
        },
    [NO_MATCH] =
        {
            [NOBODY] = {HIDE, PRETEND, HIDE, HIDE, DROP},
            [AWAY] = {HIDE, STORE, HIDE, HIDE, DROP},
            [HERE] = {HIDE, BEST, HIDE, HIDE, DROP},
        },
};

/* OTHER: what is answered with bad-request (RFC 6121 4.7.1). */
enum { STATE, SUBSCRIBE, SUBSCRIPTION, PROBE, PRESENCE_ERROR, OTHER, PRESENCES };

/* RFC 6121 8.5.1, 8.5.2.1.2, 8.5.3.1, 8.5.3.2.2; without and with an account. */
static const unsigned char presences[PLACES][2][PRESENCES] = {
    [BARE] = {{DROP, DROP, DROP, DROP, DROP, DROP},
              {PRESENT, ACCOUNT, ACCOUNT, ACCOUNT, PRESENT, BAD}},
    [MATCH] = {{DROP, DROP, DROP, DROP, DROP, DROP},
               {DELIVER, ACCOUNT, ACCOUNT, ACCOUNT, DELIVER, BAD}},
    [NO_MATCH] = {{DROP, DROP, DROP, DROP, DROP, DROP}, {DROP, ACCOUNT, DROP, ACCOUNT, DROP, BAD}},
};

enum { REQUEST, RESPONSE, IQS };

/* RFC 6121 8.5.1, 8.5.2.1.3, 8.5.3.1, 8.5.3.2.3; without and with an account. */
static const unsigned char iqs[PLACES][2][IQS] = {
    [BARE] = {{BOUNCE, DROP}, {ACCOUNT, ACCOUNT}},
    [MATCH] = {{BOUNCE, DROP}, {SHARE, DELIVER}},
    [NO_MATCH] = {{BOUNCE, DROP}, {BOUNCE, DROP}},
};

static int is_answerable(const stox_stanza *stanza) {
  return stanza->type != STOX_TYPE_ERROR && stanza->type != STOX_TYPE_RESULT;
}

static int say(stox_xmpp_verdict *out, int action, int condition) {
  out->action = action;
  out->condition = condition;
  out->type = condition == STOX_COND_NONE ? 0 : stox_condition_type(condition);
  return STOX_OK;
}

/* RFC 6120 8.3.1: what is itself an error is dropped. */
static int bounce(stox_xmpp_verdict *out, int condition) {
  return out->may_answer ? say(out, STOX_RULE_BOUNCE, condition)
                         : say(out, STOX_RULE_DROP, STOX_COND_NONE);
}

static int handle(stox_xmpp_verdict *out, int action) {
  return say(out, action, out->may_answer ? STOX_COND_SERVICE_UNAVAILABLE : STOX_COND_NONE);
}

static int message_column(int type) {
  switch (type) {
  case STOX_TYPE_CHAT:
    return CHAT;
  case STOX_TYPE_GROUPCHAT:
    return GROUPCHAT;
  case STOX_TYPE_HEADLINE:
    return HEADLINE;
  case STOX_TYPE_ERROR:
    return MESSAGE_ERROR;
  default:
    /* A type that is not known counts as normal (RFC 6121 5.2.2). */
    return NORMAL;
  }
}

static int presence_column(int type) {
  switch (type) {
  case STOX_TYPE_NONE:
  case STOX_TYPE_UNAVAILABLE:
    return STATE;
  case STOX_TYPE_SUBSCRIBE:
    return SUBSCRIBE;
  case STOX_TYPE_SUBSCRIBED:
  case STOX_TYPE_UNSUBSCRIBE:
  case STOX_TYPE_UNSUBSCRIBED:
    return SUBSCRIPTION;
  case STOX_TYPE_PROBE:
    return PROBE;
  case STOX_TYPE_ERROR:
    return PRESENCE_ERROR;
  default:
    return OTHER;
  }
}

static int cell_of(const stox_stanza *stanza, const stox_xmpp_facts *facts, int place) {
  const int has_account = facts->has_account != 0;
  const int state = !has_account ? NOBODY : facts->n_nonnegative == 0 ? AWAY : HERE;
  switch (stanza->kind) {
  case STOX_STANZA_MESSAGE:
    return messages[place][state][message_column(stanza->type)];
  case STOX_STANZA_PRESENCE:
    return presences[place][has_account][presence_column(stanza->type)];
  default:
    return iqs[place][has_account][is_answerable(stanza) ? REQUEST : RESPONSE];
  }
}

/* The choices that the tables leave. */
static int settle(int cell, const stox_xmpp_facts *facts) {
  const int may_know = facts->is_known || facts->reveals;
  switch (cell) {
  case STORE:
    return facts->stores ? STORE : BOUNCE;
  case PRETEND:
    return facts->stores ? DROP : BOUNCE;
  case HIDE:
    return may_know ? BOUNCE : DROP;
  case SHARE:
    return may_know ? DELIVER : BOUNCE;
  case PRESENT:
    return facts->n_available > 0 ? ALL : DROP;
  default:
    return cell;
  }
}

static int act(stox_xmpp_verdict *out, int cell) {
  static const int actions[] = {
      [DROP] = STOX_RULE_DROP,       [DELIVER] = STOX_RULE_DELIVER, [BEST] = STOX_RULE_DELIVER_BEST,
      [ALL] = STOX_RULE_DELIVER_ALL, [STORE] = STOX_RULE_STORE,
  };
  switch (cell) {
  case BOUNCE:
    return bounce(out, STOX_COND_SERVICE_UNAVAILABLE);
  case BAD:
    return bounce(out, STOX_COND_BAD_REQUEST);
  case ACCOUNT:
    return handle(out, STOX_RULE_HANDLE_ACCOUNT);
  default:
    return say(out, actions[cell], STOX_COND_NONE);
  }
}

static int decide_local(stox_xmpp_verdict *out, const stox_stanza *stanza,
                        const stox_xmpp_facts *facts, int place) {
  /* The draft, 10.5 rule 2. */
  if (facts->dialect == STOX_DIALECT_DRAFT2005 && place == NO_MATCH && facts->has_account) {
    return bounce(out, STOX_COND_SERVICE_UNAVAILABLE);
  }
  return act(out, settle(cell_of(stanza, facts, place), facts));
}

/* RFC 6120 10.3; only what is connected here may leave `to` out. */
static int decide_sender(stox_xmpp_verdict *out, const stox_stanza *stanza,
                         const stox_xmpp_facts *facts) {
  if (facts->over != STOX_OVER_CLIENT) {
    return say(out, STOX_RULE_CLOSE, STOX_COND_NONE);
  }
  if (stanza->kind == STOX_STANZA_MESSAGE) {
    return decide_local(out, stanza, facts, BARE);
  }
  if (stanza->kind == STOX_STANZA_IQ) {
    return handle(out, STOX_RULE_HANDLE_SENDER);
  }
  if (presence_column(stanza->type) == STATE) {
    return say(out, STOX_RULE_BROADCAST, STOX_COND_NONE);
  }
  return bounce(out, STOX_COND_BAD_REQUEST);
}

/* RFC 6120 10.4; what another server sends goes no further. */
static int decide_remote(stox_xmpp_verdict *out, const stox_xmpp_facts *facts) {
  if (facts->over == STOX_OVER_PEER) {
    return say(out, STOX_RULE_CLOSE, STOX_COND_NONE);
  }
  if (facts->relation == STOX_TO_SUBDOMAIN && facts->dialect == STOX_DIALECT_DRAFT2005) {
    return bounce(out, STOX_COND_ITEM_NOT_FOUND);
  }
  return facts->no_remote ? bounce(out, STOX_COND_NOT_ALLOWED)
                          : say(out, STOX_RULE_ROUTE, STOX_COND_NONE);
}

int stox_xmpp_decide(stox_xmpp_verdict *out, const stox_stanza *stanza,
                     const stox_xmpp_facts *facts) {
  *out = (stox_xmpp_verdict){.action = STOX_RULE_DROP, .may_answer = is_answerable(stanza)};
  if (stox_stanza_kind_name(stanza->kind) == NULL) {
    return STOX_E_ARG;
  }
  /* RFC 6120 8.2.3 */
  if (stanza->kind == STOX_STANZA_IQ && (stanza->type < STOX_TYPE_GET) && out->may_answer) {
    return bounce(out, STOX_COND_BAD_REQUEST);
  }
  switch (facts->relation) {
  case STOX_TO_NONE:
    return decide_sender(out, stanza, facts);
  case STOX_TO_REMOTE:
  case STOX_TO_SUBDOMAIN:
    return decide_remote(out, facts);
  case STOX_TO_SERVICE:
    return say(out, STOX_RULE_PASS, STOX_COND_NONE);
  case STOX_TO_DOMAIN:
    return handle(out, STOX_RULE_HANDLE_DOMAIN);
  case STOX_TO_BARE:
    return decide_local(out, stanza, facts, BARE);
  case STOX_TO_FULL:
    return decide_local(out, stanza, facts, facts->has_resource ? MATCH : NO_MATCH);
  case STOX_TO_GONE:
    return bounce(out, STOX_COND_GONE);
  default:
    return STOX_E_ARG;
  }
}

void stox_xmpp_route_failed(stox_xmpp_verdict *out, const stox_stanza *stanza, int was_resolved) {
  *out = (stox_xmpp_verdict){.may_answer = is_answerable(stanza)};
  (void)bounce(out,
               was_resolved ? STOX_COND_REMOTE_SERVER_TIMEOUT : STOX_COND_REMOTE_SERVER_NOT_FOUND);
}

int stox_xmpp_condition(int condition, int is_known) {
  switch (condition) {
  case STOX_COND_GONE:
  case STOX_COND_ITEM_NOT_FOUND:
  case STOX_COND_RECIPIENT_UNAVAILABLE:
  case STOX_COND_REDIRECT:
    return is_known ? condition : STOX_COND_SERVICE_UNAVAILABLE;
  default:
    return condition;
  }
}
