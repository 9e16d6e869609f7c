/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a venue says, as an input of the engine.
 */
#ifndef TT_HOST_VENUE_INPUT_H
#define TT_HOST_VENUE_INPUT_H

#include "engine/engine.h"
#include "venue/venue.h"

/** Makes the input; its payload borrows `output`. @thread{any} */
void tt_venue_output_input(const tt_venue_output *output, tt_input *ret_input);

#endif
