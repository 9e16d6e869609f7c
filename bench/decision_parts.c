/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The floor, and the parts: consensus, conflicts, the trial of risk, the birth of an order. Each is
 * called as its module calls it, on the state that the decisions left; what it says is checked.
 */
#include "decision_parts.h"

#include "coord/coord_priv.h"
#include "engine/engine_priv.h"
#include "place.h"
#include "risk/risk_priv.h"
#include "risk/risk_trial.h"
#include "trade/trade_priv.h"

#include <stdio.h>
#include <string.h>

enum {
    KEY = 1,
    RUNS = 15,
    RUNS_SHORT = 3,
    BATCHES = 400, /**< A run. */
    BATCHES_SHORT = 10,
    BATCH = 16 /**< Calls between two looks at the clock. */
};

/* ---- the floor ---- */

void decision_floor_take(decision_floor *floor, const decision_world *world)
{
    uint32_t size = 0;
    floor->bytes = 0;
    floor->messages = 0;
    const void *step = NULL;
    while ((step = tt_ring_walk(&world->steps, step, &size)) != NULL) {
        if (floor->bytes + size > sizeof floor->step) {
            bench_fail("the messages of a decision need more than %zu bytes", sizeof floor->step);
        }
        memcpy(floor->step + floor->bytes, step, size);
        floor->bytes += size;
    }
    for (uint32_t at = 0; at < floor->bytes;) {
        tt_msg head;
        memcpy(&head, floor->step + at, sizeof head);
        at += (uint32_t)tt_msg_bytes(&head);
        floor->messages++;
    }
}

static void hear(uint64_t *sum, const unsigned char *message)
{
    uint64_t word;
    memcpy(&word, message, sizeof word);
    *sum += word;
}

double decision_floor_run(decision_floor *floor)
{
    static void (*volatile handler)(uint64_t * sum, const unsigned char *message) = hear;
    uint64_t start = place_ticks();
    for (uint32_t at = 0; at < floor->bytes;) {
        tt_msg head;
        memcpy(&head, floor->step + at, sizeof head);
        uint32_t size = (uint32_t)tt_msg_bytes(&head);
        memcpy(floor->outbox + at, floor->step + at, size);
        handler(&floor->heard, floor->outbox + at);
        at += size;
    }
    memcpy(floor->ring, floor->outbox, floor->bytes);
    __asm__ volatile("" ::: "memory");
    return (double)(place_ticks() - start);
}

/* ---- the parts ---- */

/** A message of a decision that is over; aligned as on the bus. */
typedef union kept_message {
    _Alignas(64) tt_msg head;
    unsigned char bytes[sizeof(tt_msg) + sizeof(tt_risk_verdict)];
} kept_message;

/** What the parts work on. */
struct bench_case {
    decision_world *world;
    tt_engine *engine;
    tt_bus *bus;
    kept_message proposal; /**< Of the last decision. */
    kept_message verdict;
    tt_trading_signal signal;
    tt_coord_decision decision;
};

static void copy_message(void *to, size_t capacity, const tt_msg *msg)
{
    size_t size = tt_msg_bytes(msg);
    if (size > capacity) {
        bench_fail("a message of %zu bytes", size);
    }
    memcpy(to, msg, size);
}

/** Makes one more decision and keeps what its parts were given. */
static void take_case(struct bench_case *bench, decision_world *world)
{
    memset(bench, 0, sizeof *bench);
    bench->world = world;
    bench->engine = world->engine;
    bench->bus = world->engine->core.bus;
    decision_world_prepare(world);
    decision_world_tick(world);
    decision_world_think(world);
    decision_world_answer(world);
    const tt_msg *said = decision_world_find(world, TT_TOPIC_TRADING_SIGNALS);
    copy_message(
        &bench->proposal,
        sizeof bench->proposal,
        decision_world_find(world, TT_TOPIC_TRADE_PROPOSALS));
    copy_message(
        &bench->verdict, sizeof bench->verdict, decision_world_find(world, TT_TOPIC_RISK_VERDICTS));
    memcpy(&bench->signal, tt_msg_payload(said), said->size);
    bench->decision = (tt_coord_decision){
        .signal = &bench->signal, .signal_seq = said->seq, .key = KEY, .side = TT_side_BUY};
    decision_world_settle(world);
}

/** Publishing a signal's consensus: votes counted, multiplier, message. */
static void run_consensus(struct bench_case *bench, int count)
{
    for (int i = 0; i < count; i++) {
        tt_coord_consensus_run(bench->engine->coord, &bench->decision);
    }
    if (tt_dec_cmp(bench->decision.confidence.d, TT_DEC_C(9, 1)) != 0) {
        bench_fail("consensus gave another confidence");
    }
}

/** Both conflicts found and settled by rules, without the message that says so. */
static void run_conflict(struct bench_case *bench, int count)
{
    const tt_coord *coord = bench->engine->coord;
    for (int i = 0; i < count; i++) {
        tt_conflict_decision conflict = {.signal_seq = bench->decision.signal_seq};
        tt_coord_conflict_detect(coord, &bench->decision, &conflict);
        tt_coord_arbiter_decide(&coord->config.arbiter, bench->decision.confidence, &conflict);
        if (conflict.count != 2 || conflict.action != TT_resolution_MODIFY ||
            conflict.leverage_cap != 1) {
            bench_fail("the rules settled otherwise");
        }
    }
}

/** From the proposal to the verdict of risk, with all checks; no message. */
static void judge(struct bench_case *bench, int count, bool is_changed)
{
    tt_risk *risk = bench->engine->risk;
    const tt_risk_verdict *judged = &risk->verdict;
    for (int i = 0; i < count; i++) {
        tt_risk_trial trial;
        if (is_changed) {
            tt_risk_changed(risk);
        }
        tt_risk_try(
            risk, KEY, TT_PAYLOAD(&bench->proposal.head, TRADE_PROPOSALS, trade_proposal), &trial);
        const tt_risk_verdict *expected =
            TT_PAYLOAD(&bench->verdict.head, RISK_VERDICTS, risk_verdict);
        if (judged->code != TT_risk_code_NONE || tt_dec_cmp(judged->qty.d, expected->qty.d) != 0 ||
            judged->checks_run != expected->checks_run || judged->status != expected->status ||
            judged->count != expected->count) {
            bench_fail("risk judged otherwise");
        }
    }
}

/** The state is as it was at the last verdict about the symbol. */
static void run_trial(struct bench_case *bench, int count)
{
    judge(bench, count, false);
}

/** Account, positions or orders have changed since: what stands ready is made again. */
static void run_changed(struct bench_case *bench, int count)
{
    judge(bench, count, true);
}

/** Nanoseconds of one call, over many batches; each in a step of its own. */
static double
time_batches(struct bench_case *bench, int batches, void (*run)(struct bench_case *, int))
{
    double ticks = 0;
    for (int i = 0; i < batches; i++) {
        tt_bus_begin(bench->bus, bench->world->now);
        uint64_t start = place_ticks();
        run(bench, BATCH);
        ticks += (double)(place_ticks() - start);
        tt_bus_run(bench->bus);
    }
    return ticks * place_tick_ns() / (batches * BATCH);
}

static void measure_part(
    bench_table *table,
    struct bench_case *bench,
    const char *name,
    double budget,
    void (*run)(struct bench_case *, int),
    bool is_short)
{
    double ns[RUNS];
    const int runs = is_short ? RUNS_SHORT : RUNS;
    for (int i = 0; i < runs; i++) {
        ns[i] = time_batches(bench, is_short ? BATCHES_SHORT : BATCHES, run);
    }
    bench_add(table, name, "ns", ns, runs)->budget = budget;
}

/** From an approved verdict to the order: intent, order table, timer, execution event. */
static double submit_once(struct bench_case *bench)
{
    bench->world->now.ns += TT_NS_PER_MS;
    tt_bus_begin(bench->bus, bench->world->now);
    uint64_t start = place_ticks();
    tutti_status status =
        tt_trade_on_verdict(bench->engine->trade, bench->bus, &bench->verdict.head);
    uint64_t end = place_ticks();
    tt_bus_run(bench->bus);
    if (status != TUTTI_OK) {
        bench_fail("no order was made");
    }
    decision_world_refuse(bench->world);
    return (double)(end - start);
}

static void measure_submit(bench_table *table, struct bench_case *bench, bool is_short)
{
    double ns[RUNS];
    const int runs = is_short ? RUNS_SHORT : RUNS;
    const int count = is_short ? BATCHES_SHORT : BATCHES;
    for (int i = 0; i < runs; i++) {
        double ticks = 0;
        for (int j = 0; j < count; j++) {
            ticks += submit_once(bench);
        }
        ns[i] = ticks * place_tick_ns() / count;
    }
    bench_add(table, "  part: order from a verdict", "ns", ns, runs);
}

void decision_parts_bench(bench_table *table, decision_world *world, bool is_short)
{
    static struct bench_case bench; // Too large for the stack.
    take_case(&bench, world);
    measure_part(table, &bench, "  part: consensus, published", 0, run_consensus, is_short);
    measure_part(table, &bench, "  part: two conflicts, rules", 0, run_conflict, is_short);
    measure_part(table, &bench, "  part: risk, all checks", 60, run_trial, is_short);
    measure_part(table, &bench, "  part: risk, after a change", 0, run_changed, is_short);
    measure_submit(table, &bench, is_short);
}
