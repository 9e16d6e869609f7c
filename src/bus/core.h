/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the engine lends to every module of the core: bus, timers, state regions, instruments, seed.
 *
 * A module has `tt_<module>_setup(core, config, arena, &module)`: it allocates itself from the
 * arena, registers its mutable state as regions, subscribes its handlers and registers its timer
 * handler.
 *
 * Rule for state: everything that a message can change lies in plain structs without pointers
 * (links are indexes), registered with tt_core_add_region. A snapshot is a copy of all regions;
 * restoring is copying back. Configuration and wiring (pointers) stay outside the regions.
 */
#ifndef TT_BUS_CORE_H
#define TT_BUS_CORE_H

#include "base/arena.h"
#include "bus/bus.h"
#include "bus/timers.h"
#include "model/instrument.h"

/** One piece of state without pointers. */
typedef struct tt_region {
    const char *name;
    void *data;
    size_t size;
} tt_region;

#define TT_REGIONS_MAX 64

typedef struct tt_core {
    tt_bus *bus;
    tt_timers *timers;
    const tt_instruments *instruments;
    uint64_t seed;
    char run_id[32]; /**< Prefix of client order ids. */
    tt_region regions[TT_REGIONS_MAX];
    uint32_t region_count;
} tt_core;

/** Registers a piece of state. @retval TUTTI_LIMIT too many.
 * @retval TUTTI_EXISTS the name is taken. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_core_add_region(tt_core *core, const char *name, void *data, size_t size);

#endif
