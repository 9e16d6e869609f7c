/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What stands beside a decision: the floor below it, and its parts measured by themselves.
 */
#ifndef TT_BENCH_DECISION_PARTS_H
#define TT_BENCH_DECISION_PARTS_H

#include "decision_world.h"

/** The messages of one decision, ready to be copied. */
typedef struct decision_floor {
    _Alignas(64) unsigned char step[64 << 10];
    unsigned char outbox[64 << 10];
    unsigned char ring[64 << 10];
    uint32_t bytes;
    uint32_t messages;
    uint64_t heard; /**< Sum over the messages; keeps the calls in the program. */
} decision_floor;

/** Takes over what the ring to the journal holds: all messages of the decision. */
void decision_floor_take(decision_floor *floor, const decision_world *world);
/** Copies each message and calls a handler for it, then copies the whole; returns ticks. */
double decision_floor_run(decision_floor *floor);

/** Measures the parts of a decision in a world that has made some. */
void decision_parts_bench(bench_table *table, decision_world *world, bool is_short);

#endif
