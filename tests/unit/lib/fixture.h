/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A small bus of the library, and what its subscribers have seen.
 */
#ifndef TT_TESTS_LIB_FIXTURE_H
#define TT_TESTS_LIB_FIXTURE_H

#include "../../lib/test.h"

#include <tutti/bus.h>

/** As the schema "sensor:u32 celsius:i64" says. */
struct reading {
    uint32_t sensor;
    int64_t celsius;
};

/** What a subscriber has seen. */
struct seen {
    uint32_t count;
    uint64_t seq[64];
    int64_t value[64];
    tutti_status answer; /**< What its handler returns. */
};

struct plant {
    tutti_bus *bus;
    tutti_topic readings; /**< "plant.readings", keys to 9, 8 kept. */
    tutti_topic notes;    /**< "plant.notes", bytes[40]. */
    tutti_source source;
};

void plant_open(struct plant *plant, const tutti_bus_options *options);
void plant_close(struct plant *plant);
/** Publishes a reading. */
tutti_status plant_say(struct plant *plant, uint32_t key, int64_t celsius, uint64_t *ret_seq);
/** Subscribes `seen` to a pattern; returns the id. */
uint64_t plant_watch(struct plant *plant, const char *pattern, struct seen *seen);
/** A handler whose ctx is a struct seen. */
tutti_status see(void *ctx, tutti_bus *bus, const tutti_message *message);

#endif
