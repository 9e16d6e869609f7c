/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the exit rules remember of one instrument: state of the trade module.
 */
#ifndef TT_TRADE_EXITS_H
#define TT_TRADE_EXITS_H

#include "bus/timers.h"
#include "model/payloads.h"

/** Exit rules of one instrument. Moments: 0 = none. */
typedef struct tt_exit {
    tt_price best;        /**< Best mark since the trailing stop started. */
    tt_price level;       /**< Tightest stop that a rule has set; 0 = none. */
    tt_ratio atr;         /**< Average true range of the newest bar; 0 = not known yet. */
    tt_price entry;       /**< Average price when the position grew last. */
    tt_qty held;          /**< |quantity| when it was looked at last. */
    tt_ratio tighten_pct; /**< For what entries on their way still fill; 0 = none is. */
    tt_ratio bad_value;   /**< Spread or liquidity when it became bad. */
    uint64_t position_id; /**< The position that this is about; 0 = flat. */
    tt_time started_at;   /**< When the rules began to count. */
    tt_time limit_at;     /**< From then on a position without profit is closed. */
    tt_time hold_at;      /**< When the position is closed whatever it is worth. */
    tt_time daily_at;     /**< The next close of the day. */
    tt_time guard_at;     /**< When the guard acts: the price is beyond the stop. */
    tt_time market_at;    /**< When a bad market closes the position. */
    tt_time armed_at;     /**< Deadline of `timer`. */
    tt_timer_id timer;
    uint8_t level_reason; /**< tt_exit_reason: the rule that set `level`. */
    uint8_t bad_reason;   /**< tt_exit_reason: what is bad about the market. */
    uint8_t is_trailing;
    uint8_t is_decided;    /**< A rule has closed the position; the closing does the rest. */
    uint8_t is_late;       /**< The trailing stop waits for its turn to be sent. */
    uint8_t is_allocation; /**< The portfolio bought it: no rule while it has no stop. */
    uint8_t reserved[2];
} tt_exit;
/* Its bytes are state: no byte of it may be undefined. */
_Static_assert(sizeof(tt_exit) == 192, "no padding");

#endif
