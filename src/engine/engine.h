/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The engine: one sequenced input in, messages and effects out. Pure and deterministic: the same
 * configuration, snapshot and inputs give the same bytes.
 *
 * A step: (1) check the input; a bad one becomes a dead letter and changes nothing else; (2)
 * advance time to max(engine time, input time); (3) publish the input as a message; (4) fire timers
 * that are due, as part of this input; (5) deliver until the bus is quiet. The outbox then holds
 * everything that happened. Messages of a topic with an edge are the effects; the host executes
 * them: venue effects only after their sequence number is durable.
 */
#ifndef TT_ENGINE_ENGINE_H
#define TT_ENGINE_ENGINE_H

#include "bus/bus.h"
#include "engine/engine_config.h"

typedef struct tt_engine tt_engine;

/** One input from outside. */
typedef struct tt_input {
    tt_time time;   /**< When it happened, by the clock of the host or the data. */
    tt_topic topic; /**< A topic with origin IN. */
    tt_source source;
    uint32_t key;
    tt_seq cause;        /**< The message that it answers; 0 = none. */
    tt_uuid correlation; /**< Of that message; zero = none. */
    const void *payload; /**< Struct of the topic. @borrows{for the call} */
    size_t payload_size; /**< Bytes of `payload` that are valid: sizeof the struct, or fewer behind
                            a list. */
} tt_input;

/** The input that a journal recorded as this message; its payload is that of the message.
 * @borrows{`msg` for as long as the input} @thread{any} */
tt_input tt_input_of(const tt_msg *msg);

/** Creates an engine; all memory is taken here. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_engine_new(const tt_engine_config *config, tt_engine **result, tt_error *error);
void tt_engine_free(tt_engine *engine);

/** Handles one input to its end. @retval TUTTI_INVALID the input was refused (a dead letter says
 * why).
 * @retval TUTTI_STATE the engine stopped itself after a broken invariant. */
TUTTI_NODISCARD tutti_status tt_engine_step(tt_engine *engine, const tt_input *input);
/** When a clock input is due at the latest; TT_TIME_NEVER if nothing waits. */
tt_time tt_engine_next_deadline(const tt_engine *engine);
tt_time tt_engine_now(const tt_engine *engine);

/** Lends a stopwatch to the bus, which then measures as `bus.timing_sample` says. It never decides
 * anything. @thread{owner, between steps} */
void tt_engine_set_stopwatch(tt_engine *engine, tt_bus_stopwatch_fn fn, void *ctx);
/** The bus, to read outbox, history and statistics between steps. */
const tt_bus *tt_engine_bus(const tt_engine *engine);

/** Snapshot: all regions with a layout hash. Size of the buffer that tt_engine_save fills. */
size_t tt_engine_snapshot_size(const tt_engine *engine);
void tt_engine_save(const tt_engine *engine, void *buffer);
/** @retval TUTTI_VERSION another build's layout.  @retval TUTTI_CORRUPT wrong size or checksum. */
TUTTI_NODISCARD tutti_status
tt_engine_load(tt_engine *engine, const void *buffer, size_t size, tt_error *error);

/** Numbers for status pages and reports; a copy. */
struct tt_engine_status;
void tt_engine_status_get(const tt_engine *engine, struct tt_engine_status *ret_status);
/** How the bus is doing; a copy. Reads histograms: some ten microseconds, so once a second will do.
 */
struct tt_engine_bus_status;
void tt_engine_bus_status_get(const tt_engine *engine, struct tt_engine_bus_status *ret_status);
struct tt_engine_dead_page;
/** Copies the newest dead letters with an id below `before` (0: of all), at most `limit` and
 * TT_ENGINE_DEAD_MAX. */
void tt_engine_dead_page_get(
    const tt_engine *engine, uint64_t before, uint32_t limit, struct tt_engine_dead_page *ret_page);
/** What handlers took since the last call of this function; see tt_bus_take_recent_times. */
tt_bus_recent_times tt_engine_take_recent_times(tt_engine *engine);

#endif
