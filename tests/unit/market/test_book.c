/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Order book: levels, bounds, depth messages, a model check, and Kraken's published checksums.
 */
#include "base/random.h"
#include "market/book.h"
#include "model/limits.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static tt_book book;

static tt_price price_of(int64_t cents)
{
    return (tt_price){tt_dec_from_i64(cents, 2)};
}

static tt_qty qty_of(int64_t thousandths)
{
    return (tt_qty){tt_dec_from_i64(thousandths, 3)};
}

static void set(tt_side side, int64_t cents, int64_t thousandths)
{
    assert_int_equal(
        tt_book_set_level(&book, side, price_of(cents), qty_of(thousandths)), TUTTI_OK);
}

static void expect_level(tt_side side, uint32_t index, int64_t cents, int64_t thousandths)
{
    const tt_book_level *level = tt_book_level_at(&book, side, index);
    assert_non_null(level);
    assert_true(tt_dec_eq(level->price.d, price_of(cents).d));
    assert_true(tt_dec_eq(level->qty.d, qty_of(thousandths).d));
}

static int reset_book(void **state)
{
    (void)state;
    tt_book_reset(&book);
    return 0;
}

static void test_levels_are_sorted_best_first(void **state)
{
    (void)state;
    set(TT_side_BUY, 9990, 1);
    set(TT_side_BUY, 10000, 2);
    set(TT_side_BUY, 9995, 3);
    set(TT_side_SELL, 10010, 4);
    set(TT_side_SELL, 10005, 5);
    expect_level(TT_side_BUY, 0, 10000, 2);
    expect_level(TT_side_BUY, 1, 9995, 3);
    expect_level(TT_side_BUY, 2, 9990, 1);
    expect_level(TT_side_SELL, 0, 10005, 5);
    expect_level(TT_side_SELL, 1, 10010, 4);
    assert_null(tt_book_level_at(&book, TT_side_BUY, 3));
    assert_null(tt_book_level_at(&book, TT_side_SELL, 2));
    assert_ptr_equal(tt_book_best(&book, TT_side_BUY), tt_book_level_at(&book, TT_side_BUY, 0));
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 3);
    assert_int_equal(tt_book_count(&book, TT_side_SELL), 2);
}

static void test_level_is_replaced_and_removed(void **state)
{
    (void)state;
    set(TT_side_BUY, 10000, 2);
    set(TT_side_BUY, 10000, 7);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 1);
    expect_level(TT_side_BUY, 0, 10000, 7);
    assert_true(tt_dec_eq(tt_book_qty_at(&book, TT_side_BUY, price_of(10000)).d, qty_of(7).d));
    assert_true(tt_dec_is_zero(tt_book_qty_at(&book, TT_side_BUY, price_of(10001)).d));
    set(TT_side_BUY, 10001, 0); // absent: nothing to do
    set(TT_side_BUY, 10000, 0);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 0);
    assert_null(tt_book_best(&book, TT_side_BUY));
    static const tt_book empty;
    assert_memory_equal(&book, &empty, sizeof book);
}

static void test_crossed_and_usable(void **state)
{
    (void)state;
    assert_false(tt_book_is_usable(&book));
    set(TT_side_BUY, 10000, 1);
    assert_false(tt_book_is_usable(&book));
    assert_false(tt_book_is_crossed(&book));
    set(TT_side_SELL, 10001, 1);
    assert_true(tt_book_is_usable(&book));
    set(TT_side_SELL, 10000, 1); // locked counts as crossed
    assert_true(tt_book_is_crossed(&book));
    assert_false(tt_book_is_usable(&book));
}

static void expect_refused(tt_side side, tt_dec price, tt_dec qty)
{
    tt_book before = book;
    assert_int_equal(
        tt_book_set_level(&book, side, (tt_price){price}, (tt_qty){qty}), TUTTI_INVALID);
    assert_memory_equal(&before, &book, sizeof book);
}

static void test_bad_levels_are_refused(void **state)
{
    (void)state;
    tt_dec one = TT_DEC_C(1, 0);
    set(TT_side_BUY, 10000, 1);
    expect_refused(TT_side_NONE, one, one);
    expect_refused(TT_side_COUNT, one, one);
    expect_refused(TT_side_BUY, TT_DEC_ZERO, one);
    expect_refused(TT_side_BUY, TT_DEC_C(-1, 0), one);
    expect_refused(TT_side_BUY, one, TT_DEC_C(-1, 18));
    expect_refused(TT_side_BUY, (tt_dec){TT_PRICE_MAX.v + 1}, one);
    expect_refused(TT_side_BUY, one, (tt_dec){TT_QTY_MAX.v + 1});
    assert_int_equal(
        tt_book_set_level(&book, TT_side_SELL, (tt_price){TT_PRICE_MAX}, (tt_qty){TT_QTY_MAX}),
        TUTTI_OK);
}

static void test_full_side_keeps_the_best(void **state)
{
    (void)state;
    for (int64_t i = 0; i < TT_BOOK_LEVELS_MAX; i++) {
        set(TT_side_BUY, 10000 + i, 1);
        set(TT_side_SELL, 20000 + i, 1);
    }
    assert_int_equal(book.dropped_levels, 0);
    set(TT_side_BUY, 9999, 1); // worse than all: refused
    set(TT_side_SELL, 20000 + TT_BOOK_LEVELS_MAX, 1);
    assert_int_equal(book.dropped_levels, 2);
    expect_level(TT_side_BUY, TT_BOOK_LEVELS_MAX - 1, 10000, 1);
    expect_level(TT_side_SELL, TT_BOOK_LEVELS_MAX - 1, 20000 + TT_BOOK_LEVELS_MAX - 1, 1);
    set(TT_side_BUY, 10000 + TT_BOOK_LEVELS_MAX, 9); // better: the worst goes
    assert_int_equal(book.dropped_levels, 3);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), TT_BOOK_LEVELS_MAX);
    expect_level(TT_side_BUY, 0, 10000 + TT_BOOK_LEVELS_MAX, 9);
    expect_level(TT_side_BUY, TT_BOOK_LEVELS_MAX - 1, 10001, 1);
    set(TT_side_SELL, 19999, 8);
    expect_level(TT_side_SELL, 0, 19999, 8);
    expect_level(TT_side_SELL, TT_BOOK_LEVELS_MAX - 1, 20000 + TT_BOOK_LEVELS_MAX - 2, 1);
    set(TT_side_BUY, 10005, 4); // an existing level of a full side is simply replaced
    assert_int_equal(book.dropped_levels, 4);
    set(TT_side_BUY, 9000, 0); // removing what is not there drops nothing
    assert_int_equal(book.dropped_levels, 4);
}

static void add_level(tt_depth *depth, tt_side side, int64_t cents, int64_t thousandths)
{
    depth->levels[depth->count++] = (tt_depth_level){
        .price = price_of(cents), .qty = qty_of(thousandths), .side = (uint8_t)side};
}

static tt_depth depth_of(uint64_t update_id, bool is_snapshot, bool is_last)
{
    return (tt_depth){
        .first_update_id = update_id,
        .last_update_id = update_id,
        .is_snapshot = is_snapshot,
        .is_last = is_last};
}

static void test_snapshot_replaces_update_changes(void **state)
{
    (void)state;
    set(TT_side_BUY, 5000, 1);
    tt_depth snapshot = depth_of(10, true, true);
    add_level(&snapshot, TT_side_BUY, 10000, 2);
    add_level(&snapshot, TT_side_SELL, 10001, 3);
    assert_int_equal(tt_book_apply(&book, &snapshot), TUTTI_OK);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 1);
    tt_depth update = depth_of(11, false, true);
    add_level(&update, TT_side_BUY, 10000, 0);
    add_level(&update, TT_side_BUY, 9999, 4);
    assert_int_equal(tt_book_apply(&book, &update), TUTTI_OK);
    expect_level(TT_side_BUY, 0, 9999, 4);
    expect_level(TT_side_SELL, 0, 10001, 3);
    assert_int_equal(book.last_update_id, 11);
}

static void test_stale_update_is_ignored(void **state)
{
    (void)state;
    tt_depth snapshot = depth_of(10, true, true);
    add_level(&snapshot, TT_side_BUY, 10000, 2);
    assert_int_equal(tt_book_apply(&book, &snapshot), TUTTI_OK);
    for (uint64_t id = 9; id <= 10; id++) {
        tt_depth update = depth_of(id, false, true);
        add_level(&update, TT_side_BUY, 10000, 9);
        assert_int_equal(tt_book_apply(&book, &update), TUTTI_OK);
    }
    expect_level(TT_side_BUY, 0, 10000, 2);
    assert_int_equal(book.stale_updates, 2);
    // Without numbers there is nothing to compare.
    tt_depth unnumbered = depth_of(0, false, true);
    add_level(&unnumbered, TT_side_BUY, 10000, 5);
    assert_int_equal(tt_book_apply(&book, &unnumbered), TUTTI_OK);
    expect_level(TT_side_BUY, 0, 10000, 5);
    // An older snapshot is a restart of the venue's numbers and is taken.
    assert_int_equal(tt_book_apply(&book, &snapshot), TUTTI_OK);
    expect_level(TT_side_BUY, 0, 10000, 2);
}

static void test_parts_of_one_update(void **state)
{
    (void)state;
    tt_depth first = depth_of(10, true, false);
    add_level(&first, TT_side_BUY, 10000, 2);
    tt_depth second = depth_of(10, true, true);
    add_level(&second, TT_side_BUY, 9999, 3);
    assert_int_equal(tt_book_apply(&book, &first), TUTTI_OK);
    assert_int_equal(tt_book_apply(&book, &second), TUTTI_OK);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 2);
    // The snapshot is complete: one more with the same number starts over.
    assert_int_equal(tt_book_apply(&book, &second), TUTTI_OK);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 1);
    tt_depth part = depth_of(11, false, false);
    add_level(&part, TT_side_BUY, 9998, 1);
    tt_depth rest = depth_of(11, false, true);
    add_level(&rest, TT_side_BUY, 9997, 1);
    assert_int_equal(tt_book_apply(&book, &part), TUTTI_OK);
    assert_int_equal(tt_book_apply(&book, &rest), TUTTI_OK);
    assert_int_equal(tt_book_apply(&book, &rest), TUTTI_OK);
    assert_int_equal(tt_book_count(&book, TT_side_BUY), 3);
    assert_int_equal(book.stale_updates, 1);
}

static void test_bad_depth_changes_nothing(void **state)
{
    (void)state;
    set(TT_side_BUY, 10000, 1);
    tt_book before = book;
    tt_depth depth = depth_of(5, true, true);
    add_level(&depth, TT_side_BUY, 10000, 3);
    add_level(&depth, TT_side_NONE, 9999, 3);
    assert_int_equal(tt_book_apply(&book, &depth), TUTTI_INVALID);
    depth.count = TT_MAX_depth_level + 1;
    assert_int_equal(tt_book_apply(&book, &depth), TUTTI_INVALID);
    assert_memory_equal(&before, &book, sizeof book);
}

/** The whole venue side as an unsorted list: what the book must show the best of. */
typedef struct model_side {
    int64_t qty[64];
} model_side;

static uint32_t count_model(const model_side *model)
{
    uint32_t count = 0;
    for (int i = 0; i < 64; i++) {
        count += model->qty[i] != 0;
    }
    return count;
}

static void compare_with_model(const model_side *bids, const model_side *asks)
{
    uint32_t index = 0;
    for (int i = 63; i >= 0; i--) {
        if (bids->qty[i] != 0) {
            expect_level(TT_side_BUY, index++, 10000 + i, bids->qty[i]);
        }
    }
    assert_int_equal(tt_book_count(&book, TT_side_BUY), count_model(bids));
    index = 0;
    for (int i = 0; i < 64; i++) {
        if (asks->qty[i] != 0) {
            expect_level(TT_side_SELL, index++, 10000 + i, asks->qty[i]);
        }
    }
    assert_int_equal(tt_book_count(&book, TT_side_SELL), count_model(asks));
}

static void test_random_changes_match_a_plain_model(void **state)
{
    (void)state;
    const uint64_t seed = 20240808;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    model_side sides[2] = {{{0}}, {{0}}};
    for (int i = 0; i < 20000; i++) {
        uint64_t side = tt_random_below(&random, 2);
        uint64_t at = tt_random_below(&random, 64);
        int64_t qty = tt_random_between(&random, -3, 9);
        qty = qty < 0 ? 0 : qty;
        sides[side].qty[at] = qty;
        set(side == 0 ? TT_side_BUY : TT_side_SELL, 10000 + (int64_t)at, qty);
        compare_with_model(&sides[0], &sides[1]);
    }
}

/** Reader of the one known layout of the Kraken file: walks over keys and numbers. */
typedef struct reader {
    const char *at;
} reader;

static int64_t read_scaled(reader *in, const char *key, int digits)
{
    in->at = strstr(in->at, key);
    assert_non_null(in->at);
    in->at += strlen(key);
    char *end = NULL;
    tt_dec value;
    (void)strtod(in->at, &end);
    assert_int_equal(tt_dec_parse(in->at, (size_t)(end - in->at), &value), TUTTI_OK);
    in->at = end;
    int64_t result = 0;
    assert_int_equal(tt_dec_to_i64(value, digits, TT_ROUND_EXACT, &result), TUTTI_OK);
    return result;
}

static void read_side(reader *in, const char *name, tt_side side)
{
    in->at = strstr(in->at, name);
    assert_non_null(in->at);
    const char *end = strchr(in->at, ']');
    for (;;) {
        const char *next = strstr(in->at, "\"price\": ");
        if (next == NULL || next > end) {
            in->at = end;
            return;
        }
        int64_t price = read_scaled(in, "\"price\": ", 1);
        int64_t qty = read_scaled(in, "\"qty\": ", 8);
        tt_price level = {tt_dec_from_i64(price, 1)};
        tt_qty amount = {tt_dec_from_i64(qty, 8)};
        assert_int_equal(tt_book_set_level(&book, side, level, amount), TUTTI_OK);
    }
}

/** A subscription of depth 10 shows ten levels; what falls out is not updated any more. */
static void truncate_to_ten(tt_side side)
{
    while (tt_book_count(&book, side) > 10) {
        const tt_book_level *worst = tt_book_level_at(&book, side, tt_book_count(&book, side) - 1);
        assert_int_equal(
            tt_book_set_level(&book, side, worst->price, (tt_qty){TT_DEC_ZERO}), TUTTI_OK);
    }
}

/** Kraken's rule: price then quantity of ten asks, then ten bids, as digits without leading zeros.
 */
static uint32_t checksum(void)
{
    char text[1024];
    size_t length = 0;
    const tt_side sides[] = {TT_side_SELL, TT_side_BUY};
    for (int s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < 10; i++) {
            const tt_book_level *level = tt_book_level_at(&book, sides[s], i);
            assert_non_null(level);
            int64_t price = 0;
            int64_t qty = 0;
            assert_int_equal(tt_dec_to_i64(level->price.d, 1, TT_ROUND_EXACT, &price), TUTTI_OK);
            assert_int_equal(tt_dec_to_i64(level->qty.d, 8, TT_ROUND_EXACT, &qty), TUTTI_OK);
            length += (size_t)snprintf(
                text + length, sizeof text - length, "%lld%lld", (long long)price, (long long)qty);
        }
    }
    return (uint32_t)crc32(0, (const unsigned char *)text, (unsigned)length);
}

static void test_kraken_checksums(void **state)
{
    (void)state;
    FILE *file = fopen(TT_TEST_DATA_DIR "/kraken/orderbook_v2.json", "rb");
    if (file == NULL) {
        print_message("skipped: " TT_TEST_DATA_DIR "/kraken/orderbook_v2.json is not there\n");
        skip();
        return;
    }
    static char text[512 * 1024];
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    reader in = {text};
    int checked = 0;
    while (strstr(in.at, "\"bids\":") != NULL) {
        read_side(&in, "\"bids\":", TT_side_BUY);
        read_side(&in, "\"asks\":", TT_side_SELL);
        truncate_to_ten(TT_side_BUY);
        truncate_to_ten(TT_side_SELL);
        int64_t expected = read_scaled(&in, "\"checksum\": ", 0);
        assert_int_equal((int64_t)checksum(), expected);
        assert_true(tt_book_is_usable(&book));
        checked++;
    }
    assert_int_equal(checked, 510);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_levels_are_sorted_best_first, reset_book),
        cmocka_unit_test_setup(test_level_is_replaced_and_removed, reset_book),
        cmocka_unit_test_setup(test_crossed_and_usable, reset_book),
        cmocka_unit_test_setup(test_bad_levels_are_refused, reset_book),
        cmocka_unit_test_setup(test_full_side_keeps_the_best, reset_book),
        cmocka_unit_test_setup(test_snapshot_replaces_update_changes, reset_book),
        cmocka_unit_test_setup(test_stale_update_is_ignored, reset_book),
        cmocka_unit_test_setup(test_parts_of_one_update, reset_book),
        cmocka_unit_test_setup(test_bad_depth_changes_nothing, reset_book),
        cmocka_unit_test_setup(test_random_changes_match_a_plain_model, reset_book),
        cmocka_unit_test_setup(test_kraken_checksums, reset_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
