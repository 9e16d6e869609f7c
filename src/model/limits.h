/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bounds of every number that enters the core, chosen so that no arithmetic inside can overflow:
 * |price| x |qty| <= 1e19 < 1.7e20.
 */
#ifndef TT_MODEL_LIMITS_H
#define TT_MODEL_LIMITS_H

#include "base/types.h"

/** Largest price and quantity of a single order, trade or bar field: 1e9 and 1e10. */
#define TT_PRICE_MAX ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000000000})
#define TT_QTY_MAX   ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 10000000000})
/** Largest |money| and |ratio|: 1e19 and 1e13. */
#define TT_MONEY_MAX ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 10000000000 * 1000000000})
#define TT_RATIO_MAX ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 10000000000000})
/** Largest notional of one order or position; above it an order is refused. */
#define TT_NOTIONAL_MAX ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000000000000000})

/** Latest moment (2200-01-01) and longest span (100 years) that may enter: sums of a moment and a
 * span stay far from the end of the type. */
#define TT_TIME_MAX ((tt_time){INT64_C(7258118400) * TT_NS_PER_S})
#define TT_DUR_MAX  ((tt_dur){INT64_C(36525) * 86400 * TT_NS_PER_S})

/** Capacities of the core. Reaching one refuses the newcomer, with a counter. */
#define TT_INSTRUMENTS_MAX 64
#define TT_ORDERS_MAX      4096 /**< Orders that are not final. */
#define TT_TIMERS_MAX      8192
#define TT_CALLS_MAX       512 /**< Agent calls in flight. */
/** Sub-accounts; [0] is the house: it has the start balance, and what no source stands for. A
 * source beyond the bound trades for the house. */
#define TT_SUB_ACCOUNTS_MAX 8u

#endif
