/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Live activity of a session, a line a message, for a terminal.
 */
#ifndef TT_CLI_ACTIVITY_H
#define TT_CLI_ACTIVITY_H

#include "model/instrument.h"
#include "model/message.h"

#include <stdio.h>

/** Prints one line on what happened. */
void tt_activity_print(FILE *out, const tt_msg *msg, const tt_instruments *instruments);

#endif
