/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How often a token may ask from one address: a window of 60 seconds that slides, four tiers.
 *
 * Exact: a request is let through when fewer than the limit were within the last 60 s. The table is
 * bounded; one more client than it holds takes the place of one that has been silent for a whole
 * window, and is refused if there is none, unless what it asks lowers the risk. Clients without a
 * token have a table of their own, so that they never displace those who have one.
 */
#ifndef TT_API_API_LIMITS_H
#define TT_API_API_LIMITS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/** Highest limit of a tier; 0 stands for no limit. */
#define TT_LIMIT_MAX 600u
/** Clients (token, address, tier) that are counted at a time, with and without token. */
#define TT_LIMIT_KNOWN_MAX   256u
#define TT_LIMIT_UNKNOWN_MAX 64u

typedef enum tt_tier {
    TT_TIER_DEFAULT,
    TT_TIER_MODERATE,
    TT_TIER_EXPENSIVE,
    /** What can only lower the risk. It has a count of its own, so that nothing else that a token
     * asks keeps it from ending trading, and it is let through when there is no room to count it.
     */
    TT_TIER_PROTECTIVE,
    TT_TIER_COUNT
} tt_tier;

typedef struct tt_limits tt_limits;

/** What a client is told. */
typedef struct tt_limit_verdict {
    bool is_allowed;
    bool is_table_full; /**< Refused because too many clients are counted. */
    uint32_t limit;     /**< 0 = none. */
    uint32_t remaining;
    uint32_t reset_s; /**< Until there is room for one more at the latest. */
} tt_limit_verdict;

/** Name of a tier, such as "moderate". */
const char *tt_tier_text(tt_tier tier);
/** `per_minute` is at most TT_LIMIT_MAX each. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_limits_new(const uint32_t per_minute[TT_TIER_COUNT], tt_limits **result);
void tt_limits_free(tt_limits *limits);
/** Counts a request of a token ("" = without) from an address. @thread{net} @alloc{never} */
tt_limit_verdict tt_limits_take(
    tt_limits *limits, const char *token, const char *peer, tt_tier tier, int64_t now_ns);

#endif
