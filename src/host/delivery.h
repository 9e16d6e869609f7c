/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a session has handed on by its end, and what not: by queue and topic, with the first and the
 * last number. Taken when all threads are joined.
 *
 * A queue either must be empty at the end (`is_owed`), or tells people and may lose: then what is
 * left or was dropped is listed and the delivery is still complete.
 *
 *   queue         from, to                              owed
 *   effects       core, the exchange: not yet durable   yes
 *   venue_out     core, the exchange: durable           yes
 *   steps_out     core, the journal                     yes
 *   read_model    the journal, the read model           yes
 *   market_in     feed and exchange, core               no: read or asked for again at the next
 * start answers_in_i  worker, core                          no: the call ends by its time-out
 *   jobs_out_i    core, worker                          no: the same
 *   commands_in   people, core                          no: who asked got no reply
 *   replies_out, events_out, activity_out               no
 */
#ifndef TT_HOST_DELIVERY_H
#define TT_HOST_DELIVERY_H

#include "host/hub.h"

#include <stdio.h>

#define TT_DELIVERY_QUEUES_MAX 16
/** Pairs of queue and topic; further ones are counted as `unlisted`. */
#define TT_DELIVERY_ROWS_MAX 64

/** One queue. */
typedef struct tt_delivery_queue {
    const char *name;
    uint64_t
        delivered;    /**< Records that its reader has taken. Of read_model: last message in it. */
    uint64_t left;    /**< Messages that it has not. */
    uint64_t dropped; /**< Records for which there was no room; only where it is not owed. */
    bool is_owed;
} tt_delivery_queue;

/** What is left of one topic in one queue. */
typedef struct tt_delivery_row {
    const char *queue;
    uint64_t count;
    tt_seq first_seq; /**< 0: inputs have no number yet. */
    tt_seq last_seq;
    uint16_t topic; /**< TT_TOPIC_NONE: all. */
} tt_delivery_row;

typedef struct tt_delivery {
    tt_delivery_queue queues[TT_DELIVERY_QUEUES_MAX];
    tt_delivery_row rows[TT_DELIVERY_ROWS_MAX];
    uint64_t unlisted; /**< Messages for which no row was free. */
    uint32_t queue_count;
    uint32_t row_count;
} tt_delivery;

/** How a session ended. */
typedef enum tt_delivery_outcome {
    TT_DELIVERY_COMPLETE,  /**< Nothing is left in a queue that is owed. */
    TT_DELIVERY_BEHIND,    /**< Only the read model lacks something: the next start reads it in the
                                journal. Nothing is lost. */
    TT_DELIVERY_INCOMPLETE /**< The exchange or the journal did not get all. */
} tt_delivery_outcome;

/** Counts what is in the rings, and takes it out. @thread{main, all others joined} */
void tt_delivery_take(tt_delivery *delivery, tt_hub *hub, tt_ring *effects);
/** Adds the read model, which has got up to `stored_seq` of the messages up to `last_seq`. */
void tt_delivery_add_store(tt_delivery *delivery, tt_seq stored_seq, tt_seq last_seq);
/** Tells how the session ended. */
tt_delivery_outcome tt_delivery_outcome_of(const tt_delivery *delivery);
/** Writes it as a JSON object. */
void tt_delivery_json(const tt_delivery *delivery, FILE *out);
/** Writes it for people: one line if it is complete, otherwise one for each queue and topic, and
 * what follows from it. */
void tt_delivery_print(const tt_delivery *delivery, FILE *out);

#endif
