/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The list of state regions.
 */
#include "bus/core.h"

#include <string.h>

tutti_status tt_core_add_region(tt_core *core, const char *name, void *data, size_t size)
{
    TT_ASSERT(name && data && size > 0);
    for (uint32_t i = 0; i < core->region_count; i++) {
        if (strcmp(core->regions[i].name, name) == 0) {
            return TUTTI_EXISTS;
        }
    }
    if (core->region_count == TT_REGIONS_MAX) {
        return TUTTI_LIMIT;
    }
    core->regions[core->region_count++] = (tt_region){.name = name, .data = data, .size = size};
    return TUTTI_OK;
}
