/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of confirmations. It has a place for all that all tokens may hold.
 */
#include "api/api_confirm.h"

#include "api/api_secret.h"

#include <openssl/crypto.h>
#include <string.h>

static bool is_of(const tt_confirmation *at, const char *actor)
{
    return at->until_ns != 0 && strcmp(at->actor, actor) == 0;
}

/** A free place, or the oldest of this actor if it has as many as it may. */
static tt_confirmation *find_place(tt_confirmations *table, const char *actor, int64_t now_ns)
{
    tt_confirmation *place = NULL;
    tt_confirmation *oldest_own = NULL;
    tt_confirmation *oldest = &table->list[0];
    uint32_t own = 0;
    for (uint32_t i = 0; i < TT_CONFIRM_MAX; i++) {
        tt_confirmation *at = &table->list[i];
        if (at->until_ns <= now_ns) {
            at->until_ns = 0;
            place = at;
        } else if (is_of(at, actor)) {
            own++;
            oldest_own =
                oldest_own == NULL || at->until_ns < oldest_own->until_ns ? at : oldest_own;
        }
        oldest = at->until_ns < oldest->until_ns ? at : oldest;
    }
    if (own >= TT_CONFIRM_EACH_MAX) {
        return oldest_own;
    }
    // Tokens that were revoked may have left some behind.
    return place != NULL ? place : oldest;
}

bool tt_confirm_make(
    tt_confirmations *table,
    const char *actor,
    const char *resource,
    int64_t now_ns,
    char text[TT_CONFIRM_TEXT_MAX])
{
    tt_confirmation *at = find_place(table, actor, now_ns);
    size_t length = strlen(resource);
    if (length >= sizeof at->resource || !tt_secret_random(at->secret, sizeof at->secret)) {
        return false;
    }
    memset(at->actor, 0, sizeof at->actor);
    strncpy(at->actor, actor, sizeof at->actor - 1);
    memcpy(at->resource, resource, length + 1);
    at->until_ns = now_ns + TT_CONFIRM_SECONDS * INT64_C(1000000000);
    tt_secret_hex(at->secret, sizeof at->secret, text);
    return true;
}

bool tt_confirm_use(
    tt_confirmations *table,
    const char *actor,
    const char *resource,
    const char *text,
    int64_t now_ns)
{
    uint8_t secret[16];
    if (!tt_secret_unhex(text, strlen(text), secret, sizeof secret)) {
        return false;
    }
    for (uint32_t i = 0; i < TT_CONFIRM_MAX; i++) {
        tt_confirmation *at = &table->list[i];
        if (is_of(at, actor) && at->until_ns > now_ns && strcmp(at->resource, resource) == 0 &&
            CRYPTO_memcmp(at->secret, secret, sizeof secret) == 0) {
            at->until_ns = 0;
            return true;
        }
    }
    return false;
}
