/* SPDX-License-Identifier: MIT */
#ifndef STOX_PEERS_PEER_STOX_H
#define STOX_PEERS_PEER_STOX_H

#include "stox/sip.h"

/* Sets how messages are parsed from now on. */
void peer_stox_options(int lenient);

/* Chooses the kernel, STOX_SIP_KERNEL_…, and tells which was chosen. */
void peer_stox_kernel(int kernel);
int peer_stox_kernel_of(void);

/* The parse alone; a status. */
int peer_stox_parse(stox_span bytes);

/* The parse and all that a gateway asks for; a status. */
int peer_stox_take(stox_span bytes);

/* The message that was parsed last. */
const stox_sip_message *peer_stox_message(void);

/* Octets of the arena that it needs. */
size_t peer_stox_workspace(void);

#endif
