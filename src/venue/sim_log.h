/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Format of the exchange's own log: records back to back, each a head and a body of the kind's
 * size. Little-endian, no padding. A record is written with one write before anybody is told of it.
 *
 *     head: size of the body, CRC-32C of what follows the checksum, kind, draws of nobody,
 *           position in the feed, time
 *     start (first record): magic, version, checksum of the symbols, seed
 *     order:  the intent as it came, and when it arrives
 *     state:  an order was accepted, triggered, rejected, cancelled or expired
 *     exec:   an execution; the order's state follows from it
 *     cancel: a cancel is on its way
 *     funding: funding was paid and taken, all of this moment
 *     payment: one payment of it, before
 *     amend:  an amend is on its way
 *     terms:  an amend was looked at: the values that are in force, and the state
 *     transfer: cash was paid in or taken out
 */
#ifndef TT_VENUE_SIM_LOG_H
#define TT_VENUE_SIM_LOG_H

#include "venue/sim_priv.h"

#define TT_SIM_LOG_VERSION 1
#define TT_SIM_LOG_MAGIC   "TTSIMLOG"

typedef enum tt_sim_record_kind {
    TT_SIM_RECORD_START = 1,
    TT_SIM_RECORD_ORDER,
    TT_SIM_RECORD_STATE,
    TT_SIM_RECORD_EXEC,
    TT_SIM_RECORD_CANCEL,
    TT_SIM_RECORD_FUNDING,
    TT_SIM_RECORD_PAYMENT,
    TT_SIM_RECORD_AMEND,
    TT_SIM_RECORD_TERMS,
    TT_SIM_RECORD_TRANSFER,
    TT_SIM_RECORD_END /**< No kind. */
} tt_sim_record_kind;

typedef struct tt_sim_record_head {
    uint32_t size; /**< Of the body. */
    uint32_t crc;
    uint32_t kind;
    uint32_t draws;
    uint64_t position;
    int64_t time_ns; /**< That the exchange had reached. */
} tt_sim_record_head;

typedef struct tt_sim_record_start {
    char magic[8];
    uint32_t version;
    uint32_t symbols_crc;
    uint64_t seed;
} tt_sim_record_start;

typedef struct tt_sim_record_order {
    tt_order_intent intent;
    tt_uuid correlation;
    uint64_t cause;
    int64_t arrival_ns;
    uint32_t key;
    uint32_t draws;
    uint64_t reserved;
} tt_sim_record_order;

/** What can change of an order, besides its executions. */
typedef struct tt_sim_record_state {
    tt_qty queue_ahead;
    int64_t last_report_ns;
    uint32_t order;
    uint32_t draws;
    uint8_t state;
    uint8_t reason;
    uint8_t is_triggered;
    uint8_t is_resting;
    uint8_t was_split;
    uint8_t reserved[11];
} tt_sim_record_state;

typedef struct tt_sim_record_exec {
    tt_sim_record_state order; /**< As it was before the execution. */
    tt_price price;
    tt_qty qty;
    tt_qty cumulative;
    tt_money fee;
    int64_t time_ns;
    uint8_t liquidity;
    uint8_t is_from_book;
    uint8_t reserved[6];
} tt_sim_record_exec;

typedef struct tt_sim_record_cancel {
    tt_uuid correlation;
    uint64_t cause;
    int64_t arrival_ns;
    uint64_t order_id;
    uint32_t order;
    uint32_t key;
} tt_sim_record_cancel;

typedef struct tt_sim_record_funding {
    int64_t moment_ns;
    uint64_t reserved;
} tt_sim_record_funding;

typedef struct tt_sim_record_payment {
    tt_funding_payment payment;
    uint32_t key;
    uint32_t reserved[3];
} tt_sim_record_payment;

typedef struct tt_sim_record_amend {
    tt_sim_record_cancel request;
    tt_qty qty;
    tt_price price;
    tt_price trigger_price;
    uint64_t amend_id;
    uint64_t reserved;
} tt_sim_record_amend;

typedef struct tt_sim_record_terms {
    tt_sim_record_state order; /**< With these values. */
    tt_qty qty;
    tt_price price;
    tt_price trigger_price;
    int64_t arrival_ns; /**< Since when it has them, or its place. */
    uint64_t amend_id;  /**< Newest in force. */
    uint64_t amend_seen;
    uint64_t reserved;
} tt_sim_record_terms;

typedef struct tt_sim_record_transfer {
    tt_venue_transfer transfer;
    uint32_t is_told;
    uint32_t reserved[3];
} tt_sim_record_transfer;

_Static_assert(sizeof(tt_sim_record_head) == 32, "no padding");
_Static_assert(sizeof(tt_sim_record_start) == 24, "no padding");
_Static_assert(sizeof(tt_sim_record_order) == sizeof(tt_order_intent) + 48, "no padding");
_Static_assert(sizeof(tt_sim_record_state) == 48, "no padding");
_Static_assert(sizeof(tt_sim_record_exec) == 128, "no padding");
_Static_assert(sizeof(tt_sim_record_cancel) == 48, "no padding");
_Static_assert(sizeof(tt_sim_record_funding) == 16, "no padding");
_Static_assert(sizeof(tt_sim_record_payment) == sizeof(tt_funding_payment) + 16, "no padding");
_Static_assert(sizeof(tt_sim_record_amend) == 112, "no padding");
_Static_assert(sizeof(tt_sim_record_terms) == 128, "no padding");
_Static_assert(sizeof(tt_sim_record_transfer) == sizeof(tt_venue_transfer) + 16, "no padding");

/** A whole record of any kind. */
typedef struct tt_sim_record {
    tt_sim_record_head head;
    union {
        tt_sim_record_start start;
        tt_sim_record_order order;
        tt_sim_record_state state;
        tt_sim_record_exec exec;
        tt_sim_record_cancel cancel;
        tt_sim_record_funding funding;
        tt_sim_record_payment payment;
        tt_sim_record_amend amend;
        tt_sim_record_terms terms;
        tt_sim_record_transfer transfer;
    } body;
} tt_sim_record;

/** Size of the body of a kind; 0 for no kind. */
uint32_t tt_sim_record_size(uint32_t kind);
/** Fills the head of a record whose body is set. */
void tt_sim_record_seal(const tt_sim *sim, tt_sim_record_kind kind, tt_sim_record *record);
/** Checks size, kind and checksum. */
bool tt_sim_record_is_sound(const tt_sim_record *record);
/** The first record that a log of this exchange has. */
void tt_sim_record_make_start(const tt_sim *sim, tt_sim_record *ret_record);

/** Restores the exchange from an open log, whose torn end is cut; makes the start of a new one. */
TUTTI_NODISCARD tutti_status tt_sim_log_restore(tt_sim *sim, const char *path, tt_error *error);
/** Writes one sealed record. */
tutti_status tt_sim_log_write(tt_sim *sim, const tt_sim_record *record);

#endif
