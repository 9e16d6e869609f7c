/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The books against an independent model (books_model.c), after every event and to the last digit:
 * positions by leg, average price, realised profit, fees, funding, cash, equity, margin, exposure,
 * what orders may still add, and the part of each source. The streams are those of a venue that
 * loses, repeats, reorders, delays, is away, fills too much, funds, transfers, liquidates and
 * trades by hand; netting and hedging, spot and leverage, with restarts from a copy of the state.
 *
 * Laws beside the comparison: states only by legal steps; an order ends only as it did at the
 * venue; what works there, or was executed and not told, counts here as open, in full; each
 * execution once; the auditor of journals agrees with every step; books plus what is in flight are
 * what the venue holds, in hedging each leg in the end, where the venue takes no more than is held;
 * cash without margin never below zero, nor below what is open; parts sum to the whole.
 *
 * --events N and --seed N choose another run; each seed lives for EVENTS_EACH events.
 */
#include "books_world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_EACH 25000u

static uint64_t events_asked = 200000;
static uint64_t first_seed = 1;

typedef struct totals {
    uint64_t fills;
    uint64_t repeats;
    uint64_t fundings;
    uint64_t transfers;
    uint64_t externals;
    uint64_t liquidations;
    uint64_t restarts;
    uint64_t outages;
    uint64_t flips;
    uint64_t unknown;
    uint64_t overfills;
    uint64_t part_orders;
    uint64_t part_orders_beside;
    uint64_t waits;
    uint64_t releases;
} totals;

static void add(totals *sums, const bw_world *world)
{
    sums->fills += world->fills;
    sums->repeats += world->repeats;
    sums->fundings += world->fundings;
    sums->transfers += world->transfers;
    sums->externals += world->externals;
    sums->liquidations += world->liquidations;
    sums->restarts += world->restarts;
    sums->outages += world->outages;
    sums->flips += world->flips;
    sums->unknown += world->unknown;
    sums->overfills += world->overfills;
    sums->part_orders += world->part_orders;
    sums->part_orders_beside += world->part_orders_beside;
    sums->waits += world->waits;
    sums->releases += world->releases;
}

static void print(const totals *sums, uint64_t last_seed)
{
    print_message(
        "%llu events, seeds %llu to %llu: %llu fills, %llu repeats, %llu flips, %llu beyond the "
        "order, %llu fundings, %llu transfers, %llu without an order (%llu liquidations), %llu "
        "unknown, "
        "%llu outages, %llu restarts, %llu closes and reductions of a part (%llu beside others), "
        "%llu told before their entry (%llu had none)\n",
        (unsigned long long)events_asked,
        (unsigned long long)first_seed,
        (unsigned long long)last_seed,
        (unsigned long long)sums->fills,
        (unsigned long long)sums->repeats,
        (unsigned long long)sums->flips,
        (unsigned long long)sums->overfills,
        (unsigned long long)sums->fundings,
        (unsigned long long)sums->transfers,
        (unsigned long long)sums->externals,
        (unsigned long long)sums->liquidations,
        (unsigned long long)sums->unknown,
        (unsigned long long)sums->outages,
        (unsigned long long)sums->restarts,
        (unsigned long long)sums->part_orders,
        (unsigned long long)sums->part_orders_beside,
        (unsigned long long)sums->waits,
        (unsigned long long)sums->releases);
}

static bw_world w;

/* An assertion of the module itself: it is told as any other violation. */
static void on_abort(int number)
{
    (void)signal(number, SIG_DFL);
    bw_tell(&w, "a broken invariant");
}

static void run(uint64_t seed, uint64_t events, totals *sums)
{
    bw_init(&w, seed);
    for (uint64_t i = 0; i < events; i++) {
        bw_step(&w);
        if (i % 64 == 0) {
            tt_trade_check(w.f->trade);
        }
    }
    bw_settle(&w);
    add(sums, &w);
}

static void books_are_those_of_the_model(void **state)
{
    (void)state;
    totals sums = {0};
    uint64_t seed = first_seed;
    for (uint64_t done = 0; done < events_asked; done += EVENTS_EACH) {
        uint64_t left = events_asked - done;
        run(seed++, left < EVENTS_EACH ? left : EVENTS_EACH, &sums);
    }
    print(&sums, seed - 1);
    if (events_asked >= 8 * EVENTS_EACH) { /* Every mode has run: nothing may be missing. */
        assert_true(sums.fills > events_asked / 50 && sums.repeats > events_asked / 200);
        assert_true(sums.flips > 100 && sums.overfills > 20 && sums.unknown > 100);
        assert_true(
            sums.fundings > 100 && sums.transfers > 100 && sums.externals > 100 &&
            sums.liquidations > 10);
        assert_true(sums.part_orders > 60 && sums.part_orders_beside > 40);
        assert_true(sums.waits > 200 && sums.releases > 15);
        assert_true(sums.outages > 10 && sums.restarts > 10);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--events") == 0) {
            events_asked = value;
        } else if (strcmp(argv[i], "--seed") == 0) {
            first_seed = value;
        }
    }
    (void)signal(SIGABRT, on_abort);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_are_those_of_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
