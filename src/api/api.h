/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP interface of a session: health, metrics, status, lists, commands, a stream of events,
 * one status page. `docs/api.md` is for its users.
 *
 * It touches nothing of the engine: numbers and messages reach it as values through functions that
 * the host gives, commands leave as inputs, lists come from the read model over a query-only
 * connection of its own.
 */
#ifndef TT_API_API_H
#define TT_API_API_H

#include "base/error.h"
#include "base/ring.h"
#include "config/run_config.h"
#include "engine/engine.h"

/** A measure of the health of a session: ns, bytes or a number, as its name says. */
typedef struct tt_health_row {
    int64_t value;
    int64_t warn;     /**< Limit; 0 = none. */
    int64_t critical; /**< Limit; 0 = none. */
    uint32_t key;     /**< Symbol that it is about; 0 = none. */
    uint8_t level;    /**< tt_health_level. */
} tt_health_row;

/** A ring between two threads. */
typedef struct tt_ring_row {
    const char *name;
    tt_ring_stats stats;
    uint64_t size; /**< Bytes. */
} tt_ring_row;

#define TT_RING_ROWS_MAX 16

/** What the host knows beside the engine; a copy. */
typedef struct tt_host_numbers {
    tt_seq durable_seq;      /**< Newest message that is durable. */
    tt_seq stored_seq;       /**< Newest message in the read model. */
    uint64_t store_failures; /**< Attempts to write the read model that failed. */
    bool is_store_down;      /**< The read model does not follow. */
    uint64_t steps;
    uint64_t commits;
    uint64_t dropped_activity; /**< Lines that the terminal was too slow for. */
    uint64_t dropped_status;   /**< Status copies that the interface was too slow for. */
    uint64_t dropped_events;   /**< Messages that the interface was too slow for. */
    uint64_t full_waits;       /**< Times that a thread waited because a ring was full. */
    tt_ring_stats market_ring;
    tt_ring_stats journal_ring;
    tt_ring_row rings[TT_RING_ROWS_MAX];
    uint32_t ring_count;
    tt_health_row health[TT_health_measure_COUNT]; /**< By measure; of none nothing. */
    int64_t feed_age_ns[TT_INSTRUMENTS_MAX];       /**< By key - 1. */
    uint64_t pending_bytes;                        /**< Steps appended, but not committed. */
    uint64_t calls_refused;                        /**< Agent calls that found no worker. */
    uint32_t alerts;                               /**< Bit a: tt_bus_alert_type a stands. */
    tt_time started;                               /**< Event time of the start of this process. */
    bool is_recovered; /**< The session went on from an earlier process. */
} tt_host_numbers;

/** Everything a status page shows; a value. */
typedef struct tt_api_status {
    tt_engine_status engine;
    tt_engine_bus_status bus; /**< At most a second older. */
    tt_host_numbers host;
} tt_api_status;

/** A message in aligned memory, copied out of a ring. */
typedef struct tt_api_msg {
    _Alignas(16) tt_msg head;
    unsigned char payload[TT_PAYLOAD_MAX];
} tt_api_msg;

/** What the interface works with; borrowed until tt_api_close. The functions are called by the
 * thread of the interface only; NULL: there is no such thing. */
typedef struct tt_api_options {
    const tt_api_config *config; /**< Its address is loopback unless the user says otherwise. */
    const char *tokens_path;     /**< File of the tokens. */
    const char *local_path;      /**< Secret for this machine, made with a token file that is not
                                    there; NULL = such a file is an error. */
    const char *store_path;      /**< Read model; NULL or absent: lists answer 503. */
    const char *run_name;
    const char *currency;
    const tt_instruments *instruments;
    tt_mode mode;
    /** Takes the newest status; false if there is none newer than the last one taken. */
    bool (*take_status)(void *ctx, tt_api_status *ret_status);
    /** Takes the next message of coordinator_commands, bus_commands and command_replies. */
    bool (*take_reply)(void *ctx, tt_api_msg *ret_msg);
    /** Takes the next message that a stream may tell. */
    bool (*take_event)(void *ctx, tt_api_msg *ret_msg);
    /** Hands a command to the core; false when too many wait. */
    bool (*post)(void *ctx, const tt_coordinator_command *command, uint32_t key);
    /** The same for the bus itself, which answers when the coordinator gets nothing, too. */
    bool (*post_bus)(void *ctx, const tt_bus_command *command);
    /** Reads the newest dead letters with an id below `before` (0: of all), at most `limit`, from
     * the core; false when it does not answer now. @blocks{for a moment} */
    bool (*read_dead)(void *ctx, uint64_t before, uint32_t limit, tt_engine_dead_page *ret_page);
    /** Newest durable message. */
    tt_seq (*durable)(void *ctx);
    void *ctx;
} tt_api_options;

typedef struct tt_api tt_api;

/** Binds the address. @retval TUTTI_BUSY the port is in use (named).  @retval TUTTI_INVALID no such
 * address.
 * @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_api_open(const tt_api_options *options, tt_api **result, tt_error *error);
/** Reads the tokens, or makes one for this machine. Before tt_api_run; until then, and when it
 * fails, nobody is let in. @retval TUTTI_NOT_FOUND there are none, and the address can be reached
 * from elsewhere.
 * @retval TUTTI_PERMISSION, TUTTI_PARSE, TUTTI_IO the file. @thread{setup} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_api_secure(tt_api *api, tt_error *error);
/** Writes "http://host:port" of the bound address. */
void tt_api_address(const tt_api *api, char *text, size_t size);
/** Writes the address of the status page with a key that lets its reader look while this process
 * lives: a secret, for the terminal of the person who started it alone. */
void tt_api_page_link(const tt_api *api, char *text, size_t size);
/** Serves until tt_api_stop. @thread{agent: net} @blocks{until stopped} */
void tt_api_run(tt_api *api);
/** Makes tt_api_run return soon. @thread{any} */
void tt_api_stop(tt_api *api);
void tt_api_close(tt_api *api);

#endif
