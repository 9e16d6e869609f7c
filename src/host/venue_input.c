/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From what a venue says to inputs.
 */
#include "host/venue_input.h"

void tt_venue_output_input(const tt_venue_output *output, tt_input *ret_input)
{
    tt_topic topic = output->topic == TT_TOPIC_NONE ? TT_TOPIC_VENUE_REPORTS : output->topic;
    *ret_input = (tt_input){
        .time = output->time,
        .topic = topic,
        .source = TT_SOURCE_VENUE,
        .key = output->key,
        .cause = output->cause,
        .correlation = output->correlation,
        .payload = &output->report,
        .payload_size = tt_topic_info_get((uint16_t)topic)->layout->size,
    };
}
