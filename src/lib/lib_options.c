/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What is wrong with the options of a bus, in words. The parts of the bus check their bounds
 * themselves; this names the option that they refused.
 */
#include "base/ring.h"
#include "lib/lib_priv.h"

#include <stddef.h>
#include <string.h>

/** Bounds of an option that is not 0. */
struct bound {
    const char *name;
    size_t offset;
    uint32_t min;
    uint32_t max;
};

#define BOUND(option, min, max)                                                                    \
    {                                                                                              \
#option, offsetof(tutti_bus_options, option), (min), (max)                                 \
    }

static const struct bound bounds[] = {
    BOUND(topics_max, 1, TT_TOPICS_USER_MAX),
    BOUND(sources_max, 1, TT_SOURCES_USER_MAX),
    BOUND(topic_bytes, 1, 1u << 30),
    BOUND(subscriptions_max, 1, 65535),
    BOUND(step_bytes, TT_MSG_BYTES_MAX, 1u << 30),
    BOUND(queue_messages, 1, 1u << 20),
    BOUND(depth_max, 1, 10000),
    BOUND(dead_letters_max, 1, 16384),
    BOUND(idempotency_max, 1, 1u << 24),
    BOUND(retries_max, 1, 16384),
    BOUND(requests_max, 1, 65535),
    BOUND(blocked_max, 1, 65535),
    BOUND(window_ms, 100, 86400000),
    BOUND(inbox_bytes, 16384, TT_RING_SIZE_MAX),
};

tutti_status tt_lib_check_options(const tutti_bus_options *options, tutti_error *error)
{
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const struct bound *bound = &bounds[i];
        uint32_t value;
        memcpy(&value, (const unsigned char *)options + bound->offset, sizeof value);
        if (value != 0 && (value < bound->min || value > bound->max)) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "the bus cannot be built: %s is %u, but goes from %u to %u",
                bound->name,
                value,
                bound->min,
                bound->max);
        }
    }
    if ((options->inbox_bytes & (options->inbox_bytes - 1)) != 0) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "the bus cannot be built: inbox_bytes is %u, which is no power of two",
            options->inbox_bytes);
    }
    return TUTTI_OK;
}
