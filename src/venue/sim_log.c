/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Writing the log of the exchange.
 */
#include "venue/sim_log.h"

#include "base/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

uint32_t tt_sim_record_size(uint32_t kind)
{
    static const uint32_t sizes[TT_SIM_RECORD_END] = {
        [TT_SIM_RECORD_START] = sizeof(tt_sim_record_start),
        [TT_SIM_RECORD_ORDER] = sizeof(tt_sim_record_order),
        [TT_SIM_RECORD_STATE] = sizeof(tt_sim_record_state),
        [TT_SIM_RECORD_EXEC] = sizeof(tt_sim_record_exec),
        [TT_SIM_RECORD_CANCEL] = sizeof(tt_sim_record_cancel),
        [TT_SIM_RECORD_FUNDING] = sizeof(tt_sim_record_funding),
        [TT_SIM_RECORD_PAYMENT] = sizeof(tt_sim_record_payment),
        [TT_SIM_RECORD_AMEND] = sizeof(tt_sim_record_amend),
        [TT_SIM_RECORD_TERMS] = sizeof(tt_sim_record_terms),
        [TT_SIM_RECORD_TRANSFER] = sizeof(tt_sim_record_transfer),
    };
    return kind < TT_SIM_RECORD_END ? sizes[kind] : 0;
}

static uint32_t record_crc(const tt_sim_record *record)
{
    const size_t from = offsetof(tt_sim_record_head, kind);
    const unsigned char *bytes = (const unsigned char *)record;
    uint32_t crc = tt_crc32c(0, &record->head.size, sizeof record->head.size);
    return tt_crc32c(crc, bytes + from, sizeof record->head - from + record->head.size);
}

/** A moment of funding that waits for prices is not over. */
static int64_t logged_time(const tt_sim *sim)
{
    return sim->funding_waits.ns == 0 ? sim->now.ns : sim->funding_waits.ns - 1;
}

void tt_sim_record_seal(const tt_sim *sim, tt_sim_record_kind kind, tt_sim_record *record)
{
    record->head = (tt_sim_record_head){
        .size = tt_sim_record_size(kind),
        .kind = kind,
        .draws = sim->draws,
        .position = sim->position,
        .time_ns = logged_time(sim),
    };
    record->head.crc = record_crc(record);
}

bool tt_sim_record_is_sound(const tt_sim_record *record)
{
    uint32_t size = tt_sim_record_size(record->head.kind);
    return size != 0 && record->head.size == size && record->head.crc == record_crc(record);
}

void tt_sim_record_make_start(const tt_sim *sim, tt_sim_record *ret_record)
{
    tt_sim_record_start *start = &ret_record->body.start;
    *start = (tt_sim_record_start){.version = TT_SIM_LOG_VERSION, .seed = sim->seed};
    memcpy(start->magic, TT_SIM_LOG_MAGIC, sizeof start->magic);
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        const char *symbol = sim->instruments.list[i].symbol;
        start->symbols_crc = tt_crc32c(start->symbols_crc, symbol, strlen(symbol) + 1);
    }
    tt_sim_record_seal(sim, TT_SIM_RECORD_START, ret_record);
    // The first bytes of a log are the same whenever it is made.
    ret_record->head.position = 0;
    ret_record->head.time_ns = 0;
    ret_record->head.draws = 0;
    ret_record->head.crc = record_crc(ret_record);
}

tutti_status tt_sim_log_write(tt_sim *sim, const tt_sim_record *record)
{
    const char *bytes = (const char *)record;
    size_t left = sizeof record->head + record->head.size;
    while (left > 0) {
        ssize_t count = write(sim->log_fd, bytes, left);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            int number = errno;
            return tt_sim_fail(
                sim,
                tt_status_of_errno(number),
                "the log of the simulated exchange: %s",
                strerror(number));
        }
        bytes += count;
        left -= (size_t)count;
    }
    return TUTTI_OK;
}

static tutti_status seal_and_write(tt_sim *sim, tt_sim_record_kind kind, tt_sim_record *record)
{
    tt_sim_record_seal(sim, kind, record);
    return tt_sim_log_write(sim, record);
}

tutti_status tt_sim_log_order(tt_sim *sim, uint32_t index)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    const tt_sim_order *order = &sim->orders[index];
    tt_sim_record record;
    record.body.order = (tt_sim_record_order){
        .intent = order->intent,
        .correlation = order->correlation,
        .cause = order->cause,
        .arrival_ns = order->arrival.ns,
        .key = order->key,
        .draws = order->draws,
    };
    return seal_and_write(sim, TT_SIM_RECORD_ORDER, &record);
}

static tt_sim_record_state describe_state(const tt_sim *sim, uint32_t index)
{
    const tt_sim_order *order = &sim->orders[index];
    return (tt_sim_record_state){
        .queue_ahead = order->queue_ahead,
        .last_report_ns = order->last_report.ns,
        .order = index,
        .draws = order->draws,
        .state = order->state,
        .reason = order->reason,
        .is_triggered = order->is_triggered,
        .is_resting = order->is_resting,
        .was_split = order->was_split,
    };
}

tutti_status tt_sim_log_state(tt_sim *sim, uint32_t index)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.state = describe_state(sim, index);
    return seal_and_write(sim, TT_SIM_RECORD_STATE, &record);
}

tutti_status tt_sim_log_exec(tt_sim *sim, const tt_sim_exec *exec)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.exec = (tt_sim_record_exec){
        .order = describe_state(sim, exec->order),
        .price = exec->price,
        .qty = exec->qty,
        .cumulative = exec->cumulative,
        .fee = exec->fee,
        .time_ns = exec->time.ns,
        .liquidity = exec->liquidity,
        .is_from_book = exec->is_from_book,
    };
    return seal_and_write(sim, TT_SIM_RECORD_EXEC, &record);
}

static tt_sim_record_cancel describe_request(const tt_sim_request *request)
{
    return (tt_sim_record_cancel){
        .correlation = request->correlation,
        .cause = request->cause,
        .arrival_ns = request->arrival.ns,
        .order_id = request->order_id,
        .order = request->order,
        .key = request->key,
    };
}

tutti_status tt_sim_log_cancel(tt_sim *sim, const tt_sim_request *request)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.cancel = describe_request(request);
    return seal_and_write(sim, TT_SIM_RECORD_CANCEL, &record);
}

tutti_status tt_sim_log_amend(tt_sim *sim, const tt_sim_request *request)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.amend = (tt_sim_record_amend){
        .request = describe_request(request),
        .qty = request->terms.qty,
        .price = request->terms.price,
        .trigger_price = request->terms.trigger_price,
        .amend_id = request->terms.amend_id,
    };
    return seal_and_write(sim, TT_SIM_RECORD_AMEND, &record);
}

tutti_status tt_sim_log_terms(tt_sim *sim, uint32_t index)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    const tt_sim_order *order = &sim->orders[index];
    tt_sim_record record;
    record.body.terms = (tt_sim_record_terms){
        .order = describe_state(sim, index),
        .qty = order->intent.qty,
        .price = order->intent.price,
        .trigger_price = order->intent.trigger_price,
        .arrival_ns = order->arrival.ns,
        .amend_id = order->amend_id,
        .amend_seen = order->amend_seen,
    };
    return seal_and_write(sim, TT_SIM_RECORD_TERMS, &record);
}

tutti_status tt_sim_log_funding(tt_sim *sim, tt_time moment)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.funding = (tt_sim_record_funding){.moment_ns = moment.ns};
    return seal_and_write(sim, TT_SIM_RECORD_FUNDING, &record);
}

tutti_status tt_sim_log_payment(tt_sim *sim, uint32_t key, const tt_funding_payment *payment)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.payment = (tt_sim_record_payment){.payment = *payment, .key = key};
    return seal_and_write(sim, TT_SIM_RECORD_PAYMENT, &record);
}

tutti_status tt_sim_log_transfer(tt_sim *sim, const tt_venue_transfer *transfer, bool is_told)
{
    if (sim->log_fd < 0) {
        return TUTTI_OK;
    }
    tt_sim_record record;
    record.body.transfer =
        (tt_sim_record_transfer){.transfer = *transfer, .is_told = is_told ? 1 : 0};
    return seal_and_write(sim, TT_SIM_RECORD_TRANSFER, &record);
}

tutti_status tt_sim_log_open(tt_sim *sim, const char *path, tt_error *error)
{
    sim->log_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (sim->log_fd < 0) {
        tutti_status status = errno == EACCES ? TUTTI_PERMISSION : TUTTI_IO;
        return tt_error_set(error, status, "%s: cannot be opened: %s", path, strerror(errno));
    }
    if (flock(sim->log_fd, LOCK_EX | LOCK_NB) != 0) {
        return tt_error_set(
            error, TUTTI_BUSY, "%s: another process uses this log of the exchange", path);
    }
    return tt_sim_log_restore(sim, path, error);
}

void tt_sim_log_close(tt_sim *sim)
{
    if (sim->log_fd >= 0) {
        (void)close(sim->log_fd);
        sim->log_fd = -1;
    }
}
