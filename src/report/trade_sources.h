/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Who decided the trades of a run: the source of the first signal of a correlation, or of the
 * proposal where there was no signal.
 */
#ifndef TT_REPORT_TRADE_SOURCES_H
#define TT_REPORT_TRADE_SOURCES_H

#include "model/message.h"

/** Newest decisions that are remembered until their position opens. */
#define TT_TRADE_SOURCES_DECISIONS 256u
/** Open positions; of more the source is not known. */
#define TT_TRADE_SOURCES_OPEN 256u

typedef struct tt_trade_sources {
    struct {
        tt_uuid correlation;
        uint16_t source;
    } decisions[TT_TRADE_SOURCES_DECISIONS]; /**< Oldest overwritten. */
    uint64_t decision_count;
    struct {
        uint64_t position_id; /**< 0 = free. */
        uint16_t source;
    } open[TT_TRADE_SOURCES_OPEN];
} tt_trade_sources;

/** Takes a message of trading_signals or trade_proposals. */
void tt_trade_sources_decide(tt_trade_sources *sources, const tt_msg *msg);
/** Takes a message of position_updates that opened one. */
void tt_trade_sources_open(tt_trade_sources *sources, const tt_msg *msg);
/** Returns the source of a position that is over; TT_SOURCE_NONE = it is not known. */
uint16_t tt_trade_sources_close(tt_trade_sources *sources, uint64_t position_id);

#endif
