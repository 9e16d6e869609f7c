/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The load of the journal benchmark: messages of 256 bytes, head included, with content that can be
 * made again from a number, so that what is read back can be checked byte by byte; and how long it
 * took until each was durable.
 */
#ifndef TT_BENCH_JOURNAL_LOAD_H
#define TT_BENCH_JOURNAL_LOAD_H

#include "base/histogram.h"
#include "model/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOAD_BYTES = 256,
    LOAD_PUBLISHERS = 64
};

/** A message of the load: an order intent, which is the smallest that must be durable. */
typedef struct load_message {
    tt_msg head;
    uint64_t publisher;
    uint64_t number; /**< Of this publisher, from 1. */
    uint64_t words[22];
} load_message;

/** Writes message `number` of a publisher at place `seq` of the journal. */
void load_fill(load_message *message, uint64_t seq, uint64_t publisher, uint64_t number);

/** What was read back so far. */
typedef struct load_check {
    uint64_t count;
    uint64_t numbers[LOAD_PUBLISHERS];
    uint32_t digest; /**< CRC-32C of all bytes in order. */
} load_check;

/** Checks the next message that comes back: place, publisher's order, each byte. Fails with the
 * name of who lost or changed it. */
void load_take(load_check *check, const char *who, const void *bytes, size_t size);
/** Fails unless exactly `count` messages came back. */
void load_expect(const load_check *check, const char *who, uint64_t count);

/** What one run gave. */
typedef struct load_result {
    double rate; /**< Durable messages a second. */
    double p50_us, p99_us, p999_us, max_us;
    double commits_per_s; /**< 0 = unknown. */
    double foreign;       /**< Part of the machine that others used. */
    uint64_t heap_calls;  /**< Taken from the heap while messages flowed. */
} load_result;

/** Fills the percentiles from durations in ns. */
void load_percentiles(load_result *result, const tt_histogram *histogram);

#endif
