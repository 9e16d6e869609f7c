/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP interface of a session: health, metrics, status, orders, positions, one status page.
 *
 * It touches nothing of the engine: numbers reach it as values through a function that the host
 * gives, lists come from the read model over a query-only connection of its own.
 */
#ifndef TT_API_API_H
#define TT_API_API_H

#include "base/error.h"
#include "base/ring.h"
#include "engine/engine.h"

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
    uint64_t full_waits;       /**< Times that a thread waited because a ring was full. */
    tt_ring_stats market_ring;
    tt_ring_stats journal_ring;
    tt_time started;   /**< Event time of the start of this process. */
    bool is_recovered; /**< The session went on from an earlier process. */
} tt_host_numbers;

/** Everything a status page shows; a value. */
typedef struct tt_api_status {
    tt_engine_status engine;
    tt_engine_bus_status bus; /**< At most a second older. */
    tt_host_numbers host;
} tt_api_status;

/** What the interface works with; borrowed until tt_api_close. */
typedef struct tt_api_options {
    const char
        *listen; /**< host:port; loopback unless the user says otherwise. Port 0 = any free one. */
    const char *store_path; /**< Read model; NULL or absent: lists answer 503. */
    const char *run_name;
    const char *currency;
    const tt_instruments *instruments;
    tt_mode mode;
    /** Takes the newest status; false if there is none newer than the last one taken. Called by the
     * thread of the interface only. */
    bool (*take_status)(void *ctx, tt_api_status *ret_status);
    void *ctx;
} tt_api_options;

typedef struct tt_api tt_api;

/** Binds the address. @retval TUTTI_BUSY the port is in use (named).  @retval TUTTI_INVALID no such
 * address.
 * @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_api_open(const tt_api_options *options, tt_api **result, tt_error *error);
/** Writes "http://host:port" of the bound address. */
void tt_api_address(const tt_api *api, char *text, size_t size);
/** Serves until tt_api_stop. @thread{agent: net} @blocks{until stopped} */
void tt_api_run(tt_api *api);
/** Makes tt_api_run return soon. @thread{any} */
void tt_api_stop(tt_api *api);
void tt_api_close(tt_api *api);

#endif
