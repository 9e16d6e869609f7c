/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers as bytes.
 */
#include "agent/agent.h"

#include <string.h>

void tt_agent_answer_set(tt_agent_answer *answer, tt_topic topic, const void *payload)
{
    const tt_topic_info *info = tt_topic_info_get((uint16_t)topic);
    TT_ASSERT(info != NULL);
    uint16_t size = tt_layout_used_size(info->layout, payload);
    TT_ASSERT(size <= sizeof answer->body);
    // The used size is rounded up; the struct may end before it.
    uint16_t given = size < info->layout->size ? size : info->layout->size;
    memset(answer->body, 0, sizeof answer->body);
    memcpy(answer->body, payload, given);
    answer->answer_topic = (uint16_t)topic;
    answer->count = size;
    answer->status = TT_answer_status_OK;
}
