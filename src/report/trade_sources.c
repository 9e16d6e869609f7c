/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Remembers who decided what, from the decision to the end of its position.
 */
#include "report/trade_sources.h"

#include <string.h>

/** Source of a decision; TT_SOURCE_NONE = none is remembered. */
static uint16_t find_decision(const tt_trade_sources *sources, const tt_uuid *correlation)
{
    uint64_t count = sources->decision_count < TT_TRADE_SOURCES_DECISIONS
                         ? sources->decision_count
                         : TT_TRADE_SOURCES_DECISIONS;
    for (uint64_t i = 0; i < count; i++) {
        if (memcmp(&sources->decisions[i].correlation, correlation, sizeof *correlation) == 0) {
            return sources->decisions[i].source;
        }
    }
    return TT_SOURCE_NONE;
}

void tt_trade_sources_decide(tt_trade_sources *sources, const tt_msg *msg)
{
    if (msg->source >= TT_SOURCE_COUNT ||
        find_decision(sources, &msg->correlation) != TT_SOURCE_NONE) {
        return;
    }
    uint64_t at = sources->decision_count++ % TT_TRADE_SOURCES_DECISIONS;
    sources->decisions[at].correlation = msg->correlation;
    sources->decisions[at].source = msg->source;
}

void tt_trade_sources_open(tt_trade_sources *sources, const tt_msg *msg)
{
    uint64_t id = TT_PAYLOAD(msg, POSITION_UPDATES, position_update)->position_id;
    for (uint32_t i = 0; i < TT_TRADE_SOURCES_OPEN; i++) {
        if (sources->open[i].position_id == 0) {
            sources->open[i].position_id = id;
            sources->open[i].source = find_decision(sources, &msg->correlation);
            return;
        }
    }
}

uint16_t tt_trade_sources_close(tt_trade_sources *sources, uint64_t position_id)
{
    for (uint32_t i = 0; i < TT_TRADE_SOURCES_OPEN; i++) {
        if (sources->open[i].position_id == position_id) {
            sources->open[i].position_id = 0;
            return sources->open[i].source;
        }
    }
    return TT_SOURCE_NONE;
}
