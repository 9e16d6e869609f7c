/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Restoring the exchange from its log.
 *
 * A crash can leave the last record incomplete; it was not told to anybody, and is cut off. A
 * record that is whole but wrong is damage, and an error: cutting there would forget executions.
 */
#include "venue/sim_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A log being read. */
typedef struct log_reader {
    tt_sim *sim;
    const char *path;
    tt_error *error;
    FILE *file;
    int64_t size;
    int64_t good; /**< Bytes up to the end of the last sound record. */
} log_reader;

static tutti_status refuse(const log_reader *reader, tutti_status status, const char *what)
{
    return tt_error_set(
        reader->error, status, "%s: byte %lld: %s", reader->path, (long long)reader->good, what);
}

/** How the reading of a record ended. */
typedef enum record_end {
    RECORD_SOUND,
    RECORD_TORN,
    RECORD_DAMAGED
} record_end;

/** Reads one record. Torn: the file ends before the record does, or at its start. */
static tutti_status read_record(log_reader *reader, tt_sim_record *record, record_end *ret_end)
{
    size_t count = fread(&record->head, 1, sizeof record->head, reader->file);
    *ret_end = RECORD_TORN;
    if (count == sizeof record->head) {
        uint32_t size = tt_sim_record_size(record->head.kind);
        *ret_end = RECORD_DAMAGED;
        if (size != 0 && record->head.size == size) {
            bool is_whole = fread(&record->body, 1, size, reader->file) == size;
            bool is_sound = is_whole && tt_sim_record_is_sound(record);
            *ret_end = !is_whole ? RECORD_TORN : is_sound ? RECORD_SOUND : RECORD_DAMAGED;
        }
    }
    if (ferror(reader->file)) {
        return refuse(reader, TUTTI_IO, strerror(errno));
    }
    return TUTTI_OK;
}

/** An order has arrived: so have all requests that were sent before it. */
static void drop_requests(tt_sim *sim, uint32_t order)
{
    bool is_found = false;
    while (!is_found && sim->requests.count > 0) {
        tt_sim_request request = tt_sim_request_pop(sim);
        is_found = request.kind == TT_SIM_REQUEST_ORDER && request.order == order;
    }
}

static void restore_order_state(tt_sim *sim, const tt_sim_record_state *state)
{
    tt_sim_order *order = &sim->orders[state->order];
    if (order->state == TT_order_state_PENDING) {
        drop_requests(sim, state->order);
    }
    order->logged_at = sim->position;
    bool was_open = tt_sim_is_open(order);
    order->queue_ahead = state->queue_ahead;
    order->last_report.ns = state->last_report_ns;
    order->draws = state->draws;
    order->state = state->state;
    order->reason = state->reason;
    order->is_triggered = state->is_triggered;
    /* A stop with a limit saw the data that triggered it; its record was made before that. */
    bool has_seen = order->intent.type == TT_order_type_STOP_LIMIT && order->is_triggered;
    order->is_resting = state->is_resting || has_seen;
    order->was_split = state->was_split;
    bool is_open = tt_sim_is_open(order);
    if (was_open && !is_open) {
        tt_sim_unlink(sim, state->order);
    } else if (!was_open && is_open) {
        tt_sim_link(sim, state->order);
    }
}

/** Puts a request back on its way. */
static tutti_status push_request(log_reader *reader, tt_sim_request *request)
{
    tt_sim *sim = reader->sim;
    const tt_sim_order *order = &sim->orders[request->order];
    TT_TEXT_SET(request->client_order_id, order->intent.client_order_id);
    if (request->arrival.ns > sim->last_arrival.ns) {
        sim->last_arrival = request->arrival;
    }
    tutti_status status = tt_sim_request_push(sim, request);
    return status == TUTTI_OK ? TUTTI_OK : refuse(reader, status, "no memory for requests");
}

/** The exchange's own order: it never was on its way. */
static tutti_status apply_external(log_reader *reader, uint32_t index)
{
    tt_sim *sim = reader->sim;
    tt_sim_order *order = &sim->orders[index];
    if (tt_instrument_find(&sim->instruments, (tt_instrument_id){order->key}) == NULL) {
        return refuse(reader, TUTTI_CORRUPT, "a trade of an instrument that is not there");
    }
    order->state = TT_order_state_SUBMITTED;
    tt_sim_link(sim, index);
    sim->externals++;
    return TUTTI_OK;
}

static tutti_status apply_order(log_reader *reader, const tt_sim_record_order *body)
{
    uint32_t index = 0;
    tutti_status status = tt_sim_add_order(reader->sim, &body->intent, body->key, &index);
    if (status != TUTTI_OK) {
        return refuse(reader, status, "it holds more orders than venue.orders_max or memory allow");
    }
    tt_sim_order *order = &reader->sim->orders[index];
    order->correlation = body->correlation;
    order->cause = body->cause;
    order->arrival.ns = body->arrival_ns;
    order->draws = body->draws;
    if (tt_sim_external_kind(order) != TT_external_kind_NONE) {
        return apply_external(reader, index);
    }
    tt_sim_request request = {
        .arrival = order->arrival,
        .correlation = order->correlation,
        .cause = order->cause,
        .order_id = order->intent.order_id,
        .order = index,
        .key = order->key,
        .kind = TT_SIM_REQUEST_ORDER,
    };
    return push_request(reader, &request);
}

/** Checks what a record says of an order against what is known of it. */
static bool is_state_possible(const tt_sim *sim, const tt_sim_record_state *state)
{
    if (state->order >= sim->order_count || state->state >= TT_order_state_COUNT ||
        state->reason >= TT_SIM_REASON_COUNT) {
        return false;
    }
    const tt_sim_order *order = &sim->orders[state->order];
    bool is_known = tt_instrument_find(&sim->instruments, (tt_instrument_id){order->key}) != NULL;
    bool is_live = tt_sim_is_open(order) || order->state == TT_order_state_PENDING;
    return is_live && (is_known || state->state == TT_order_state_REJECTED);
}

static tutti_status apply_state(log_reader *reader, const tt_sim_record_state *body)
{
    if (!is_state_possible(reader->sim, body)) {
        return refuse(reader, TUTTI_CORRUPT, "a state of an order that cannot have it");
    }
    restore_order_state(reader->sim, body);
    tt_sim_stats *stats = &reader->sim->stats;
    stats->rejected += body->state == TT_order_state_REJECTED;
    stats->cancelled +=
        body->state == TT_order_state_CANCELLED || body->state == TT_order_state_EXPIRED;
    return TUTTI_OK;
}

static tutti_status apply_exec(log_reader *reader, const tt_sim_record_exec *body)
{
    tt_sim *sim = reader->sim;
    bool is_possible = is_state_possible(sim, &body->order) &&
                       tt_sim_is_open(&sim->orders[body->order.order]) &&
                       tt_dec_sign(body->qty.d) > 0;
    if (is_possible) {
        const tt_sim_order *order = &sim->orders[body->order.order];
        tt_dec sum = tt_dec_xadd(order->filled.d, body->qty.d);
        is_possible = tt_dec_eq(sum, body->cumulative.d) && tt_dec_le(sum, order->intent.qty.d);
    }
    if (!is_possible) {
        return refuse(reader, TUTTI_CORRUPT, "an execution that its order cannot have");
    }
    restore_order_state(sim, &body->order);
    const tt_sim_exec exec = {
        .price = body->price,
        .qty = body->qty,
        .cumulative = body->cumulative,
        .fee = body->fee,
        .time.ns = body->time_ns,
        .position = sim->position,
        .order = body->order.order,
        .liquidity = body->liquidity,
        .is_from_book = body->is_from_book,
    };
    tutti_status status = tt_sim_add_exec(sim, &exec);
    return status == TUTTI_OK ? TUTTI_OK : refuse(reader, status, "no memory for executions");
}

/** A cancel, or an amend, which has terms. */
static tutti_status apply_request(
    log_reader *reader,
    const tt_sim_record_cancel *body,
    tt_sim_request_kind kind,
    const tt_sim_terms *terms)
{
    if (body->order >= reader->sim->order_count) {
        return refuse(reader, TUTTI_CORRUPT, "a request about an order that is not there");
    }
    tt_sim_request request = {
        .arrival.ns = body->arrival_ns,
        .correlation = body->correlation,
        .cause = body->cause,
        .order_id = body->order_id,
        .order = body->order,
        .key = body->key,
        .kind = kind,
        .terms = *terms,
    };
    return push_request(reader, &request);
}

static tutti_status apply_payment(log_reader *reader, const tt_sim_record_payment *body)
{
    tt_sim *sim = reader->sim;
    bool is_known = tt_instrument_find(&sim->instruments, (tt_instrument_id){body->key}) != NULL;
    if (!is_known || body->payment.side >= TT_side_COUNT) {
        return refuse(reader, TUTTI_CORRUPT, "a funding payment of a position that cannot be");
    }
    tt_sim_holding *held = &sim->markets[body->key - 1].holdings[body->payment.side];
    tt_sim_funding_keep(sim, held, &body->payment);
    // The moment is not over before its own record; what is left of it is due again.
    sim->now.ns = body->payment.venue_time.ns - 1;
    return TUTTI_OK;
}

static tutti_status apply_transfer(log_reader *reader, const tt_sim_record_transfer *body)
{
    tt_sim *sim = reader->sim;
    bool is_possible = body->is_told <= 1 && !tt_dec_is_zero(body->transfer.amount.d) &&
                       body->transfer.transfer_id == sim->cash.last_transfer_id + 1;
    if (!is_possible) {
        return refuse(reader, TUTTI_CORRUPT, "a transfer that cannot be");
    }
    tt_sim_cash_transfer(sim, &body->transfer, body->is_told == 1);
    return TUTTI_OK;
}

/** The end of a moment of funding. A log of before payments were written cannot say how much was
 * paid: the balance is not known any more. */
static tutti_status apply_funding(log_reader *reader, const tt_sim_record_funding *body)
{
    tt_sim *sim = reader->sim;
    sim->now.ns = body->moment_ns;
    sim->cash.is_lost |= tt_sim_funding_is_untold(sim, sim->now);
    return TUTTI_OK;
}

static tutti_status apply_cancel(log_reader *reader, const tt_sim_record_cancel *body)
{
    const tt_sim_terms none = {0};
    return apply_request(reader, body, TT_SIM_REQUEST_CANCEL, &none);
}

static tutti_status apply_amend(log_reader *reader, const tt_sim_record_amend *body)
{
    const tt_sim_terms terms = {body->qty, body->price, body->trigger_price, body->amend_id};
    return apply_request(reader, &body->request, TT_SIM_REQUEST_AMEND, &terms);
}

/** Values that an open order got, or kept, by an amend. */
static tutti_status apply_terms(log_reader *reader, const tt_sim_record_terms *body)
{
    tt_sim *sim = reader->sim;
    bool is_possible = is_state_possible(sim, &body->order) &&
                       tt_sim_is_open(&sim->orders[body->order.order]) &&
                       tt_dec_lt(sim->orders[body->order.order].filled.d, body->qty.d) &&
                       tt_dec_le(body->qty.d, TT_QTY_MAX);
    if (!is_possible) {
        return refuse(reader, TUTTI_CORRUPT, "an amend that its order cannot have");
    }
    tt_sim_order *order = &sim->orders[body->order.order];
    restore_order_state(sim, &body->order);
    order->intent.qty = body->qty;
    order->intent.price = body->price;
    order->intent.trigger_price = body->trigger_price;
    order->arrival.ns = body->arrival_ns;
    order->amend_id = body->amend_id;
    order->amend_seen = body->amend_seen;
    return TUTTI_OK;
}

static tutti_status apply_record(log_reader *reader, const tt_sim_record *record)
{
    tt_sim *sim = reader->sim;
    sim->position = record->head.position;
    sim->now.ns = record->head.time_ns;
    sim->draws = record->head.draws;
    if (record->head.kind == TT_SIM_RECORD_ORDER) {
        return apply_order(reader, &record->body.order);
    }
    if (record->head.kind == TT_SIM_RECORD_STATE) {
        return apply_state(reader, &record->body.state);
    }
    if (record->head.kind == TT_SIM_RECORD_EXEC) {
        return apply_exec(reader, &record->body.exec);
    }
    if (record->head.kind == TT_SIM_RECORD_CANCEL) {
        return apply_cancel(reader, &record->body.cancel);
    }
    if (record->head.kind == TT_SIM_RECORD_PAYMENT) {
        return apply_payment(reader, &record->body.payment);
    }
    if (record->head.kind == TT_SIM_RECORD_AMEND) {
        return apply_amend(reader, &record->body.amend);
    }
    if (record->head.kind == TT_SIM_RECORD_TERMS) {
        return apply_terms(reader, &record->body.terms);
    }
    if (record->head.kind == TT_SIM_RECORD_FUNDING) {
        return apply_funding(reader, &record->body.funding);
    }
    if (record->head.kind == TT_SIM_RECORD_TRANSFER) {
        return apply_transfer(reader, &record->body.transfer);
    }
    return refuse(reader, TUTTI_CORRUPT, "a second start");
}

static tutti_status check_start(const log_reader *reader, const tt_sim_record *record)
{
    const tt_sim_record_start *start = &record->body.start;
    tt_sim_record own;
    tt_sim_record_make_start(reader->sim, &own);
    if (memcmp(start->magic, TT_SIM_LOG_MAGIC, sizeof start->magic) != 0) {
        return refuse(reader, TUTTI_CORRUPT, "it is no log of the simulated exchange");
    }
    if (start->version != TT_SIM_LOG_VERSION) {
        return refuse(reader, TUTTI_VERSION, "it was written by another version");
    }
    if (start->seed != own.body.start.seed) {
        return refuse(reader, TUTTI_INVALID, "it was written with another seed");
    }
    if (start->symbols_crc != own.body.start.symbols_crc) {
        return refuse(reader, TUTTI_INVALID, "it was written for other instruments");
    }
    return TUTTI_OK;
}

/** A file that is shorter than the first record: new, or cut short while it was made. */
static tutti_status make_start(log_reader *reader)
{
    tt_sim_record own;
    tt_sim_record_make_start(reader->sim, &own);
    char found[sizeof own.head + sizeof own.body.start];
    size_t count = fread(found, 1, sizeof found, reader->file);
    if (memcmp(found, &own, count) != 0) {
        return refuse(reader, TUTTI_CORRUPT, "it is no log of the simulated exchange");
    }
    if (ftruncate(reader->sim->log_fd, 0) != 0) {
        return refuse(reader, TUTTI_IO, strerror(errno));
    }
    tutti_status status = tt_sim_log_write(reader->sim, &own);
    return status == TUTTI_OK ? TUTTI_OK : refuse(reader, status, reader->sim->failure.message);
}

/** Cuts off what a crash left half-written. */
static tutti_status cut_tail(const log_reader *reader, record_end end)
{
    int64_t left = reader->size - reader->good;
    if (end == RECORD_DAMAGED) {
        tutti_status status = refuse(reader, TUTTI_CORRUPT, "the record is damaged");
        tt_error_hint(
            reader->error, "the log cannot be trusted; keep it, and start with another file");
        return status;
    }
    if (left > 0 && ftruncate(reader->sim->log_fd, reader->good) != 0) {
        return refuse(reader, TUTTI_IO, strerror(errno));
    }
    return TUTTI_OK;
}

static tutti_status read_records(log_reader *reader)
{
    const int64_t start_size = sizeof(tt_sim_record_head) + sizeof(tt_sim_record_start);
    if (reader->size < start_size) {
        return make_start(reader);
    }
    tt_sim_record record;
    record_end end = RECORD_TORN;
    TUTTI_TRY(read_record(reader, &record, &end));
    if (end != RECORD_SOUND || record.head.kind != TT_SIM_RECORD_START) {
        return refuse(reader, TUTTI_CORRUPT, "it is no log of the simulated exchange");
    }
    TUTTI_TRY(check_start(reader, &record));
    for (;;) {
        reader->good += (int64_t)sizeof record.head + record.head.size;
        TUTTI_TRY(read_record(reader, &record, &end));
        if (end != RECORD_SOUND) {
            return cut_tail(reader, end);
        }
        TUTTI_TRY(apply_record(reader, &record));
    }
}

/** Tells whether a request has not arrived yet, or arrived without a trace and may do so again. */
static bool is_under_way(const tt_sim *sim, const tt_sim_request *request)
{
    const tt_sim_order *order = &sim->orders[request->order];
    if (order->state == TT_order_state_PENDING) {
        return true;
    }
    bool is_new_amend =
        request->kind == TT_SIM_REQUEST_AMEND && request->terms.amend_id > order->amend_seen;
    return tt_sim_is_open(order) && (request->kind == TT_SIM_REQUEST_CANCEL || is_new_amend);
}

/** Keeps of the requests those that are under way, in the order in which they were sent. */
static tutti_status restore_requests(tt_sim *sim)
{
    for (uint32_t left = sim->requests.count; left > 0; left--) {
        tt_sim_request request = tt_sim_request_pop(sim);
        if (is_under_way(sim, &request)) {
            TUTTI_TRY(tt_sim_request_push(sim, &request));
        }
    }
    return TUTTI_OK;
}

static void restore_expiry(tt_sim *sim)
{
    for (uint32_t i = 0; i < sim->order_count; i++) {
        int64_t expire = sim->orders[i].intent.expire_time.ns;
        if (tt_sim_is_open(&sim->orders[i]) && expire != 0 && expire < sim->next_expiry.ns) {
            sim->next_expiry.ns = expire;
        }
    }
}

tutti_status tt_sim_log_restore(tt_sim *sim, const char *path, tt_error *error)
{
    log_reader reader = {.sim = sim, .path = path, .error = error};
    struct stat info;
    if (fstat(sim->log_fd, &info) != 0) {
        return refuse(&reader, TUTTI_IO, strerror(errno));
    }
    reader.size = info.st_size;
    reader.file = fopen(path, "rbe");
    if (reader.file == NULL) {
        return refuse(&reader, TUTTI_IO, strerror(errno));
    }
    tutti_status status = read_records(&reader);
    if (status == TUTTI_OK) {
        status = restore_requests(sim);
        restore_expiry(sim);
        tt_sim_funding_plan(sim, sim->now);
    }
    (void)fclose(reader.file);
    return status;
}
