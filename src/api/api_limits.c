/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The tables of clients, each with the moments of its requests.
 */
#include "api/api_limits.h"

#include "api/api_tokens.h"
#include "net/http_server.h"

#include <stdlib.h>
#include <string.h>

static const int64_t window_ns = INT64_C(60000000000);

/** The requests of one token from one address in one tier. */
typedef struct client {
    char token[TT_TOKEN_NAME_MAX];
    char peer[TT_HTTP_PEER_MAX];
    tt_tier tier;
    bool is_used;
    uint32_t next;  /**< Place of the next moment. */
    uint32_t count; /**< Moments kept. */
    int64_t moments[TT_LIMIT_MAX];
} client;

struct tt_limits {
    uint32_t per_minute[TT_TIER_COUNT];
    client known[TT_LIMIT_KNOWN_MAX];
    client unknown[TT_LIMIT_UNKNOWN_MAX];
};

const char *tt_tier_text(tt_tier tier)
{
    static const char *const texts[TT_TIER_COUNT] = {
        [TT_TIER_DEFAULT] = "default",
        [TT_TIER_MODERATE] = "moderate",
        [TT_TIER_EXPENSIVE] = "expensive",
        [TT_TIER_PROTECTIVE] = "protective",
    };
    return texts[tier];
}

tutti_status tt_limits_new(const uint32_t per_minute[TT_TIER_COUNT], tt_limits **result)
{
    // Pages that no client has used are never taken from the system.
    tt_limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL) {
        return TUTTI_NO_MEMORY;
    }
    for (int i = 0; i < TT_TIER_COUNT; i++) {
        TT_ASSERT(per_minute[i] <= TT_LIMIT_MAX);
        limits->per_minute[i] = per_minute[i];
    }
    *result = limits;
    return TUTTI_OK;
}

void tt_limits_free(tt_limits *limits)
{
    free(limits);
}

static bool is_same(const client *at, const char *token, const char *peer, tt_tier tier)
{
    return at->is_used && at->tier == tier && strcmp(at->token, token) == 0 &&
           strcmp(at->peer, peer) == 0;
}

static int64_t newest(const client *at)
{
    return at->moments[(at->next + TT_LIMIT_MAX - 1) % TT_LIMIT_MAX];
}

static bool may_be_forgotten(const client *at, int64_t now_ns)
{
    return !at->is_used || at->count == 0 || newest(at) <= now_ns - window_ns;
}

static client *
find_client(tt_limits *limits, const char *token, const char *peer, tt_tier tier, int64_t now_ns)
{
    client *table = token[0] == 0 ? limits->unknown : limits->known;
    uint32_t size = token[0] == 0 ? TT_LIMIT_UNKNOWN_MAX : TT_LIMIT_KNOWN_MAX;
    client *place = NULL;
    for (uint32_t i = 0; i < size; i++) {
        if (is_same(&table[i], token, peer, tier)) {
            return &table[i];
        }
        if (place == NULL && may_be_forgotten(&table[i], now_ns)) {
            place = &table[i];
        }
    }
    if (place != NULL) {
        place->is_used = true;
        place->tier = tier;
        place->next = place->count = 0;
        strncpy(place->token, token, sizeof place->token - 1);
        strncpy(place->peer, peer, sizeof place->peer - 1);
        place->token[sizeof place->token - 1] = place->peer[sizeof place->peer - 1] = 0;
    }
    return place;
}

/** Moment of the request that is `back` requests old; 1 = the newest. */
static int64_t moment(const client *at, uint32_t back)
{
    return at->moments[(at->next + TT_LIMIT_MAX - back) % TT_LIMIT_MAX];
}

static void forget_old(client *at, int64_t now_ns)
{
    while (at->count > 0 && moment(at, at->count) <= now_ns - window_ns) {
        at->count--;
    }
}

tt_limit_verdict
tt_limits_take(tt_limits *limits, const char *token, const char *peer, tt_tier tier, int64_t now_ns)
{
    uint32_t limit = limits->per_minute[tier];
    tt_limit_verdict verdict = {.is_allowed = true, .limit = limit};
    if (limit == 0) {
        return verdict;
    }
    client *at = find_client(limits, token, peer, tier, now_ns);
    if (at == NULL && tier == TT_TIER_PROTECTIVE && token[0] != 0) {
        return verdict;
    }
    if (at == NULL) {
        verdict.is_allowed = false;
        verdict.is_table_full = true;
        verdict.reset_s = (uint32_t)(window_ns / 1000000000);
        return verdict;
    }
    forget_old(at, now_ns);
    verdict.is_allowed = at->count < limit;
    if (verdict.is_allowed) {
        at->moments[at->next] = now_ns;
        at->next = (at->next + 1) % TT_LIMIT_MAX;
        at->count++;
    }
    verdict.remaining = limit - at->count;
    int64_t wait_ns = moment(at, at->count) + window_ns - now_ns;
    verdict.reset_s = (uint32_t)((wait_ns + 999999999) / 1000000000);
    return verdict;
}
