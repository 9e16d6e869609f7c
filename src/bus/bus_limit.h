/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * State of the limits, inside of the bus.
 */
#ifndef TT_BUS_BUS_LIMIT_H
#define TT_BUS_BUS_LIMIT_H

#include "bus/bus_priv.h"

/** Buckets of one topic; part of a region. */
struct limit_row {
    uint32_t topic; /**< Its place; 0 = the row is free. */
    uint32_t reserved;
    tt_bus_bucket whole;
    tt_bus_bucket sources[]; /**< By place. */
};

/** Bytes of a row. */
size_t tt_bus_limits_row_size(uint32_t source_max);

#endif
