/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Health of the parts outside the core, as the host reports it.
 *
 * The read model is not needed to trade: the journal is the record of truth, and the read model
 * follows it once it works again. So its loss is told, and nothing else changes.
 */
#include "coord/coord_priv.h"

tutti_status tt_coord_on_health(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_health_report *report = TT_PAYLOAD(msg, HEALTH_REPORTS, health_report);
    const char *part = tt_enum_text(&tt_enum_part, report->part);
    const tt_coord_note note = {
        .event = report->is_up ? TT_system_event_type_PART_UP : TT_system_event_type_PART_DOWN,
        .severity = report->is_up ? TT_severity_INFO : TT_severity_HIGH,
        .subject = part,
        .new_value = (int64_t)report->failures,
    };
    const char *message = report->is_up ? "works again" : report->message;
    tt_coord_event(coord, &note, "%s: %s", part, message);
    tt_coord_notify(coord, note.severity, "%s: %s", part, message);
    return TUTTI_OK;
}
