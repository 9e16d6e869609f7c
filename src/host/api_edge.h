/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the interface is given of a session: the ends of rings, nothing of the engine.
 */
#ifndef TT_HOST_API_EDGE_H
#define TT_HOST_API_EDGE_H

#include "host/hub.h"

/** Fills the functions of the options. @borrows{`hub` as long as the interface serves} */
void tt_api_edge_fill(tt_api_options *options, tt_hub *hub);
/** Hands a command of a person to the core; false when too many wait. @thread{any} */
bool tt_api_edge_post(tt_hub *hub, const tt_coordinator_command *command, uint32_t key);

#endif
