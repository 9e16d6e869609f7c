/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a verdict of risk is read. Its message holds the facts that the judgement rests on, each
 * once, and rows in full only for checks that clamped, warned or refused, or whose numbers do not
 * follow from the facts. Here the rows of all checks are made from that: value and limit of what
 * passed, too.
 *
 * All functions: @thread{any} @blocks{never} @alloc{never}. They are total: numbers that no verdict
 * of ours holds give the largest number, not a stop.
 */
#ifndef TT_MODEL_VERDICT_H
#define TT_MODEL_VERDICT_H

#include "model/limits.h"
#include "model/message.h"

/** Places of the checks; bits of `checks_run`. */
typedef enum tt_risk_place {
#define TT_RISK_PLACE_ID_(code) TT_RISK_PLACE_##code,
    TT_RISK_PLACE_LIST(TT_RISK_PLACE_ID_)
#undef TT_RISK_PLACE_ID_
    TT_RISK_PLACE_COUNT
} tt_risk_place;
#define TT_RISK_PLACE_BIT(code) (UINT32_C(1) << TT_RISK_PLACE_##code)
_Static_assert((int)TT_RISK_PLACE_COUNT == TT_MAX_risk_check, "a row for each check");

/** Code of the check at a place. */
tt_risk_code tt_risk_code_at(tt_risk_place place);

/** Losses in a row from which sizes are cut. */
#define TT_VERDICT_LOSSES_HIGH 5u

/** Number of checks that ran. */
static inline uint32_t tt_verdict_count(const tt_risk_verdict *verdict)
{
    return (uint32_t)__builtin_popcount(verdict->checks_run);
}

/** Makes the view. `verdict` has its `count` rows, at most the size of the list. */
void tt_verdict_show(const tt_risk_verdict *verdict, tt_verdict_view *ret_view);

/** Makes a verdict whose view is `view`: it lists all rows in full, and holds no fact that only
 * rows follow from (ADR 68). The view has `count` rows, at most the size of the list.
 * @retval TUTTI_INVALID no verdict has this view; `error` says what does not follow. */
TUTTI_NODISCARD tutti_status
tt_verdict_read(const tt_verdict_view *view, tt_risk_verdict *ret_verdict, tt_error *error);

/** The layout in which people and programs read payloads of `layout`: itself, mostly.
 * @lends{for ever} */
const tt_layout *tt_layout_shown(const tt_layout *layout);

/** Room for a payload as it is shown. */
typedef union tt_shown {
    tt_verdict_view verdict;
} tt_shown;
/** The payload as it is shown: itself, or made in `room`. @lends{as long as payload and room} */
const void *tt_payload_shown(const tt_layout *layout, const void *payload, tt_shown *room);

/* ---- numbers of rows ---- */

/** Micro percent in one, and the largest number that may be counted in them with 128 bits. */
#define TT_RISK_MICRO_PERCENT INT64_C(100000000)
#define TT_RISK_MICRO_MAX     ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000000000000})
/** One millionth. */
#define TT_RISK_MILLIONTH (TT_DEC_ONE_I64 / 1000000)

/** A count of millionths (>= 0) as a row shows it; the largest ratio if it is beyond. */
static inline tt_ratio tt_risk_micro(tt_i128 count)
{
    tt_i128 count_max = TT_RATIO_MAX.v / TT_RISK_MILLIONTH;
    return (tt_ratio){{(count < count_max ? count : count_max) * TT_RISK_MILLIONTH}};
}
/** A whole number as a row shows it. */
static inline tt_ratio tt_risk_number(uint32_t number)
{
    return (tt_ratio){{(tt_i128)number * TT_DEC_ONE_I64}};
}
/** A span in seconds as a row shows it. */
static inline tt_ratio tt_risk_seconds(int64_t ns)
{
    return (tt_ratio){{(tt_i128)ns * TT_NS_PER_S}};
}

/** Distance of a stop in micro percent of the reference, whole. */
typedef struct tt_risk_distance {
    tt_i128 down; /**< Rounded down, */
    tt_i128 up;   /**< and up, for checks that a wider stop makes harder. */
} tt_risk_distance;
/** Both are 0 without a distance or a reference (both > 0, at most TT_PRICE_MAX). */
tt_risk_distance tt_risk_distance_of(tt_price reference, tt_price distance);

/** Loss of a notional (>= 0) at a stop: size x share, rounded half to even; the share is `stop_up`
 * x 10^-8. Money at its largest where there is no such number. */
tt_money tt_risk_loss_at(tt_money size, tt_i128 stop_up);

/** n / d where the quotient fits 64 bits: the upper half of n is below d. The compiler would call
 * a function for it. */
static inline uint64_t tt_divide_wide(tt_u128 n, uint64_t d, uint64_t *ret_rest)
{
#if defined(__x86_64__)
    uint64_t quotient = 0;
    __asm__("divq %4"
            : "=a"(quotient), "=d"(*ret_rest)
            : "0"((uint64_t)n), "1"((uint64_t)(n >> 64)), "r"(d)
            : "cc");
    return quotient;
#else
    *ret_rest = (uint64_t)(n % d);
    return (uint64_t)(n / d);
#endif
}
/** n / d (> 0) with its rest, by steps of 64 bits. */
static inline tt_u128 tt_divide_word(tt_u128 n, uint64_t d, uint64_t *ret_rest)
{
    uint64_t high = (uint64_t)(n >> 64);
    tt_u128 next = (tt_u128)(high % d) << 64 | (uint64_t)n;
    return (tt_u128)(high / d) << 64 | tt_divide_wide(next, d, ret_rest);
}
/** n / 10^8 with its rest. */
static inline tt_u128 tt_risk_divide_micro(tt_u128 n, uint64_t *ret_rest)
{
    return tt_divide_word(n, TT_RISK_MICRO_PERCENT, ret_rest);
}

/** Margin that a notional (>= 0) needs at a leverage (0 counts as 1), rounded up. */
static inline tt_money tt_risk_margin(tt_money notional, uint8_t leverage)
{
    if (leverage > 1) {
        notional.d.v = (notional.d.v + leverage - 1) / leverage;
    }
    return notional;
}

#endif
