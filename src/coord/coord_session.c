/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Start, restart and stop of a session.
 *
 * A restart finds the state as it was: schedules, levels, what must be flat. Calls that were in
 * flight have lost their agent; they are dropped and asked again. Timers that ran out while the
 * process was down fire with the restart itself, before it is delivered here: until then nothing is
 * asked and nothing counts as a timeout.
 */
#include "coord/coord_priv.h"

bool tt_coord_is_recovering(const tt_coord *coord)
{
    const tt_msg *first = tt_bus_outbox_next(coord->bus, NULL);
    if (first == NULL || first->topic != TT_TOPIC_SESSION_EVENTS) {
        return false;
    }
    const tt_session_event *session = TT_PAYLOAD(first, SESSION_EVENTS, session_event);
    return session->event == TT_session_event_type_RECOVERED &&
           first->seq != coord->state->recovered_seq;
}

static void
tell_session(tt_coord *coord, tt_system_event_type event, const tt_session_event *session)
{
    const tt_coord_note note = {
        .event = event,
        .severity = TT_severity_INFO,
        .subject = session->run_id,
        .new_value = coord->state->state,
    };
    tt_coord_event(
        coord,
        &note,
        "%s; the coordinator is %s",
        tt_enum_text(&tt_enum_mode, session->mode),
        tt_enum_text(&tt_enum_coordinator_state, coord->state->state));
}

static void start_session(tt_coord *coord, const tt_session_event *session)
{
    coord->state->is_active = 1;
    coord->state->is_started = 1;
    tell_session(coord, TT_system_event_type_SESSION_STARTED, session);
    tt_coord_schedule_start(coord);
    tt_coord_health_start(coord);
}

static void recover_calls(tt_coord *coord)
{
    uint32_t count = tt_coord_call_recover(coord);
    count += tt_coord_case_recover(coord);
    if (!tt_coord_schedule_is_open(coord)) {
        tt_coord_dispatch_drop(coord);
    }
    if (count == 0) {
        return;
    }
    const tt_coord_note note = {
        .event = TT_system_event_type_IN_FLIGHT_TASKS_RECOVERED,
        .severity = TT_severity_HIGH,
        .subject = "agent_calls",
        .new_value = count,
    };
    tt_coord_event(coord, &note, "%u calls lost their agent in the restart; asking again", count);
}

static void recover_session(tt_coord *coord, const tt_session_event *session, tt_seq seq)
{
    coord->state->recovered_seq = seq;
    if (!coord->state->is_started) {
        start_session(coord, session);
        return;
    }
    coord->state->is_active = 1;
    tell_session(coord, TT_system_event_type_SESSION_RECOVERED, session);
    recover_calls(coord);
    tt_coord_schedule_resume(coord);
    tt_coord_dispatch_run(coord);
    tt_coord_health_start(coord);
}

static void stop_session(tt_coord *coord)
{
    coord->state->is_active = 0;
    tt_coord_schedule_stop(coord);
    tt_coord_health_stop(coord);
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        tt_coord_case_drop(coord, key, "the session stops");
    }
}

tutti_status tt_coord_on_session(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_session_event *session = TT_PAYLOAD(msg, SESSION_EVENTS, session_event);
    switch ((tt_session_event_type)session->event) {
    case TT_session_event_type_STARTED:
        if (coord->state->is_active) {
            return TUTTI_STATE; // A second start changes nothing.
        }
        start_session(coord, session);
        return TUTTI_OK;
    case TT_session_event_type_RECOVERED:
        recover_session(coord, session, msg->seq);
        return TUTTI_OK;
    case TT_session_event_type_STOPPING:
        stop_session(coord);
        return TUTTI_OK;
    case TT_session_event_type_STOPPED:
        stop_session(coord);
        tell_session(coord, TT_system_event_type_SESSION_STOPPED, session);
        return TUTTI_OK;
    case TT_session_event_type_COUNT:
        break;
    }
    return TUTTI_INVALID;
}
