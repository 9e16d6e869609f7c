/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The tables of the exchange: orders, their index by client order id, executions, open orders.
 */
#include "venue/sim_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tutti_status tt_sim_fail(tt_sim *sim, tutti_status status, const char *format, ...)
{
    if (sim->failed != TUTTI_OK) {
        return sim->failed;
    }
    char text[sizeof sim->failure.message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sim->failed = tt_error_set(&sim->failure, status, "%s", text);
    return status;
}

static tutti_status grow(void **array, size_t item_size, uint32_t *capacity, uint32_t need)
{
    if (need <= *capacity) {
        return TUTTI_OK;
    }
    uint32_t grown_capacity = *capacity == 0 ? 64 : *capacity;
    while (grown_capacity < need) {
        grown_capacity *= 2;
    }
    void *grown = reallocarray(*array, grown_capacity, item_size);
    if (grown == NULL) {
        return TUTTI_NO_MEMORY;
    }
    *array = grown;
    *capacity = grown_capacity;
    return TUTTI_OK;
}

/** Hashes a client order id, which is zero behind its end. */
static uint64_t hash_id(const char id[48])
{
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < 48; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, id + i, sizeof word);
        hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 29;
    }
    return hash;
}

/** Copies an id with zeros behind its end, so that equal ids are equal bytes. */
static void copy_id(char to[48], const char *from)
{
    size_t length = strnlen(from, 47);
    memset(to, 0, 48);
    memcpy(to, from, length);
}

/** Returns the bucket of an id: the one that holds it, or the free one where it would stand. */
static tt_sim_bucket *find_bucket(const tt_sim *sim, const char id[48], uint64_t hash)
{
    uint32_t mask = sim->bucket_count - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        tt_sim_bucket *bucket = &sim->buckets[at];
        if (bucket->order == 0) {
            return bucket;
        }
        const char *found = sim->orders[bucket->order - 1].intent.client_order_id;
        if (bucket->tag == (uint32_t)(hash >> 32) && memcmp(found, id, 48) == 0) {
            return bucket;
        }
    }
}

uint32_t tt_sim_find(const tt_sim *sim, const char *client_order_id)
{
    if (sim->bucket_count == 0) {
        return TT_SIM_NONE;
    }
    char id[48];
    copy_id(id, client_order_id);
    uint32_t order = find_bucket(sim, id, hash_id(id))->order;
    return order == 0 ? TT_SIM_NONE : order - 1;
}

static void index_order(tt_sim *sim, uint32_t order)
{
    const char *id = sim->orders[order].intent.client_order_id;
    uint64_t hash = hash_id(id);
    *find_bucket(sim, id, hash) =
        (tt_sim_bucket){.tag = (uint32_t)(hash >> 32), .order = order + 1};
}

/** Keeps at least two buckets for each order. */
static tutti_status grow_index(tt_sim *sim)
{
    if (sim->order_capacity * 2 <= sim->bucket_count) {
        return TUTTI_OK;
    }
    uint32_t count = sim->order_capacity * 2;
    tt_sim_bucket *buckets = calloc(count, sizeof *buckets);
    if (buckets == NULL) {
        return TUTTI_NO_MEMORY;
    }
    free(sim->buckets);
    sim->buckets = buckets;
    sim->bucket_count = count;
    for (uint32_t i = 0; i < sim->order_count; i++) {
        index_order(sim, i);
    }
    return TUTTI_OK;
}

tutti_status
tt_sim_add_order(tt_sim *sim, const tt_order_intent *intent, uint32_t key, uint32_t *ret_order)
{
    if (sim->order_count >= sim->config.orders_max) {
        return TUTTI_LIMIT;
    }
    void *orders = sim->orders;
    TUTTI_TRY(grow(&orders, sizeof sim->orders[0], &sim->order_capacity, sim->order_count + 1));
    sim->orders = orders;
    TUTTI_TRY(grow_index(sim));
    uint32_t index = sim->order_count++;
    tt_sim_order *order = &sim->orders[index];
    *order = (tt_sim_order){
        .intent = *intent,
        .key = key,
        .previous = TT_SIM_NONE,
        .next = TT_SIM_NONE,
        .first_exec = TT_SIM_NONE,
        .last_exec = TT_SIM_NONE,
        .state = TT_order_state_PENDING,
    };
    copy_id(order->intent.client_order_id, intent->client_order_id);
    index_order(sim, index);
    sim->stats.orders++;
    *ret_order = index;
    return TUTTI_OK;
}

tt_sim_market *tt_sim_market_of(tt_sim *sim, const tt_sim_order *order)
{
    TT_ASSERT(order->key >= 1 && order->key <= sim->instruments.count);
    return &sim->markets[order->key - 1];
}

void tt_sim_link(tt_sim *sim, uint32_t index)
{
    tt_sim_order *order = &sim->orders[index];
    tt_sim_market *market = tt_sim_market_of(sim, order);
    order->previous = market->last_order;
    order->next = TT_SIM_NONE;
    if (market->last_order == TT_SIM_NONE) {
        market->first_order = index;
    } else {
        sim->orders[market->last_order].next = index;
    }
    market->last_order = index;
    market->reach.is_known = false;
    sim->stats.open_orders++;
}

void tt_sim_unlink(tt_sim *sim, uint32_t index)
{
    tt_sim_order *order = &sim->orders[index];
    tt_sim_market *market = tt_sim_market_of(sim, order);
    if (order->previous == TT_SIM_NONE) {
        market->first_order = order->next;
    } else {
        sim->orders[order->previous].next = order->next;
    }
    if (order->next == TT_SIM_NONE) {
        market->last_order = order->previous;
    } else {
        sim->orders[order->next].previous = order->previous;
    }
    order->previous = order->next = TT_SIM_NONE;
    market->reach.is_known = false;
    TT_ASSERT(sim->stats.open_orders > 0);
    sim->stats.open_orders--;
}

tutti_status tt_sim_add_exec(tt_sim *sim, const tt_sim_exec *exec)
{
    void *execs = sim->execs;
    TUTTI_TRY(grow(&execs, sizeof sim->execs[0], &sim->exec_capacity, sim->exec_count + 1));
    sim->execs = execs;
    uint32_t index = sim->exec_count++;
    sim->execs[index] = *exec;
    sim->execs[index].next = TT_SIM_NONE;
    tt_sim_order *order = &sim->orders[exec->order];
    if (order->first_exec == TT_SIM_NONE) {
        order->first_exec = index;
    } else {
        sim->execs[order->last_exec].next = index;
    }
    order->last_exec = index;
    order->filled = exec->cumulative;
    TT_ASSERT(tt_dec_le(order->filled.d, order->intent.qty.d));
    order->state = TT_order_state_PARTIALLY_FILLED;
    if (tt_dec_eq(order->filled.d, order->intent.qty.d)) {
        order->state = TT_order_state_FILLED;
        tt_sim_unlink(sim, exec->order);
    }
    tt_sim_hold(sim, order, exec);
    sim->stats.executions++;
    return TUTTI_OK;
}

tt_qty tt_sim_open_qty(const tt_sim_order *order)
{
    return (tt_qty){tt_dec_xsub(order->intent.qty.d, order->filled.d)};
}

bool tt_sim_is_open(const tt_sim_order *order)
{
    return order->state == TT_order_state_SUBMITTED ||
           order->state == TT_order_state_PARTIALLY_FILLED;
}

bool tt_sim_waits(const tt_sim_order *order)
{
    bool is_stop =
        order->intent.type == TT_order_type_STOP || order->intent.type == TT_order_type_STOP_LIMIT;
    return is_stop && !order->is_triggered;
}

bool tt_sim_is_limit(const tt_sim_order *order)
{
    bool is_stop_limit = order->intent.type == TT_order_type_STOP_LIMIT && order->is_triggered;
    return order->intent.type == TT_order_type_LIMIT || is_stop_limit;
}

tt_qty tt_sim_reducible(const tt_sim_market *market, const tt_sim_order *order)
{
    tt_qty held = market->holdings[order->intent.position_side].qty;
    int sign = tt_dec_sign(held.d);
    bool is_reducing = order->intent.side == TT_side_BUY ? sign < 0 : sign > 0;
    return is_reducing ? (tt_qty){tt_dec_xabs(held.d)} : (tt_qty){0};
}

bool tt_sim_take_fault(tt_sim *sim, tt_sim_fault fault)
{
    if (sim->faults[fault] == 0) {
        return false;
    }
    sim->faults[fault]--;
    return true;
}

tt_random tt_sim_draw(tt_sim *sim, tt_sim_order *order)
{
    // The number of the order stands in the upper half of the stream, 0 for draws of nobody.
    uint64_t stream =
        order == NULL ? sim->draws++ : ((uint64_t)(order - sim->orders) + 1) << 32 | order->draws++;
    tt_random random;
    tt_random_init(&random, sim->seed, stream);
    return random;
}
