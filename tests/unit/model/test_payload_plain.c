/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The short answer about a payload: where it says yes, the look at each field finds nothing; what
 * is common is answered by it; what is wrong in any field is not.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "model/limits.h"
#include "model/message.h"
#include "model/registry.h"

#define ADDRESS(p) &tt_layout_##p,
static const tt_layout *const layouts[] = {TT_ITEM_LIST(ADDRESS) TT_PAYLOAD_LIST(ADDRESS)};
enum {
    LAYOUTS = sizeof layouts / sizeof layouts[0]
};

/** What the look at each field says about the bytes in front of a list. */
static bool is_right(const tt_layout *layout, const unsigned char *bytes)
{
    tt_layout looked_at = *layout;
    looked_at.is_plain = NULL;
    looked_at.item_size = 0;
    return tt_payload_check(&looked_at, bytes, layout->size, NULL) == TUTTI_OK;
}

static tt_dec limit_of(tt_field_kind kind)
{
    return kind == TT_KIND_price   ? TT_PRICE_MAX
           : kind == TT_KIND_qty   ? TT_QTY_MAX
           : kind == TT_KIND_money ? TT_MONEY_MAX
                                   : TT_RATIO_MAX;
}

/** A decimal around a bound, or any one below it. */
static tt_dec draw_decimal(tt_random *random, tt_dec limit)
{
    tt_dec value = {(tt_i128)tt_random_below(random, 5) - 2};
    if (tt_random_below(random, 2) == 0) {
        value.v += limit.v;
    } else if (tt_random_below(random, 2) == 0) {
        value.v = limit.v / ((tt_i128)tt_random_below(random, 1000) + 1);
    }
    value.v = tt_random_below(random, 2) == 0 ? -value.v : value.v;
    return value;
}

static uint64_t draw_number(tt_random *random, uint64_t bound)
{
    return tt_random_below(random, 4) == 0 ? bound + tt_random_below(random, 3) - 1
                                           : tt_random_below(random, bound);
}

static void draw_text(tt_random *random, unsigned char *text, size_t size)
{
    size_t length = tt_random_below(random, size + 1);
    memset(text, 0, size);
    memset(text, 'a' + (int)tt_random_below(random, 26), length);
    if (tt_random_below(random, 4) == 0) {
        text[tt_random_below(random, size)] = (unsigned char)tt_random_below(random, 256);
    }
}

/** Draws a field: right, wrong, or at the edge between. */
static void draw_field(tt_random *random, const tt_field *field, unsigned char *to)
{
    tt_dec decimal;
    uint64_t number = 0;
    switch (field->kind) {
    case TT_KIND_price:
    case TT_KIND_qty:
    case TT_KIND_money:
    case TT_KIND_ratio:
        decimal = draw_decimal(random, limit_of(field->kind));
        memcpy(to, &decimal, sizeof decimal);
        return;
    case TT_KIND_time:
        number = draw_number(random, (uint64_t)TT_TIME_MAX.ns + 1);
        break;
    case TT_KIND_dur:
        number = draw_number(random, (uint64_t)TT_DUR_MAX.ns + 1);
        break;
    case TT_KIND_key:
        number = draw_number(random, TT_INSTRUMENTS_MAX + 1);
        break;
    case TT_KIND_topic:
        number = draw_number(random, TT_TOPIC_COUNT);
        break;
    case TT_KIND_source:
        number = draw_number(random, TT_SOURCE_COUNT);
        break;
    case TT_KIND_flag:
        number = draw_number(random, 2);
        break;
    case TT_KIND_enum:
        number = draw_number(random, field->enumeration->count);
        break;
    case TT_KIND_text:
        draw_text(random, to, field->size);
        return;
    case TT_KIND_reserved:
        memset(to, 0, field->size);
        to[tt_random_below(random, field->size)] = tt_random_below(random, 8) == 0;
        return;
    case TT_KIND_u64:
    case TT_KIND_i64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
    case TT_KIND_uuid:
    case TT_KIND_hash:
    case TT_KIND_list:
        for (size_t i = 0; i < field->size; i++) {
            to[i] = (unsigned char)tt_random_below(random, 256);
        }
        return;
    }
    memcpy(to, &number, field->size);
}

/** One field drawn and the others zero: so both answers are frequent. */
static void what_is_plain_is_right(void **state)
{
    (void)state;
    uint32_t plain = 0;
    uint32_t right = 0;
    uint32_t wrong = 0;
    tt_random random;
    tt_random_init(&random, 115, 0);
    for (uint32_t i = 0; i < LAYOUTS; i++) {
        for (uint32_t j = 0; j < layouts[i]->field_count * 60u; j++) {
            static unsigned char bytes[TT_PAYLOAD_MAX];
            const tt_field *field = &layouts[i]->fields[j % layouts[i]->field_count];
            if (field->kind == TT_KIND_list) {
                continue;
            }
            draw_field(&random, field, bytes + field->offset);
            bool is_plain = layouts[i]->is_plain(bytes);
            bool is_known = is_right(layouts[i], bytes);
            assert_true(is_known || !is_plain);
            plain += is_plain;
            right += is_known && !is_plain;
            wrong += !is_known;
            memset(bytes + field->offset, 0, field->size);
        }
    }
    assert_true(plain > 25000 && wrong > 3000);
    assert_in_range(right, 1000, 6000); // numbers at their bounds, and texts that are not ASCII
}

/** All fields drawn at once: what one of them hides is seen in another. */
static void fields_do_not_hide_each_other(void **state)
{
    (void)state;
    uint32_t plain = 0;
    tt_random random;
    tt_random_init(&random, 116, 0);
    for (uint32_t i = 0; i < LAYOUTS; i++) {
        for (uint32_t j = 0; j < 2000; j++) {
            static unsigned char bytes[TT_PAYLOAD_MAX];
            for (uint16_t k = 0; k < layouts[i]->field_count; k++) {
                const tt_field *field = &layouts[i]->fields[k];
                draw_field(&random, field, bytes + field->offset);
            }
            bool is_plain = layouts[i]->is_plain(bytes);
            assert_true(!is_plain || is_right(layouts[i], bytes));
            plain += is_plain;
        }
    }
    assert_true(plain > 5000);
}

/** What decisions and ticks consist of needs no second look. */
static void what_is_common_is_plain(void **state)
{
    (void)state;
    tt_trading_signal signal = {
        .confidence.d = TT_DEC_C(9, 1),
        .stop_loss.d = TT_DEC_C(49000, 0),
        .take_profit.d = TT_DEC_C(52000, 0),
        .position_size_pct.d = TT_DEC_C(10, 0),
        .action = TT_action_BUY,
        .leverage = 2,
        .count = 1,
        .reasoning = "all agents agree, and the price is above its averages",
        .votes = {{.confidence.d = TT_DEC_C(9, 1), .model = "fifteen letters"}},
    };
    assert_true(tt_payload_is_plain_trading_signal((unsigned char *)&signal));
    assert_true(tt_payload_is_plain_model_vote((unsigned char *)&signal.votes[0]));
    const tt_quote quote = {.bid.d = TT_DEC_C(499995, 1), .bid_qty.d = TT_DEC_C(3, 0)};
    assert_true(tt_payload_is_plain_quote((const unsigned char *)&quote));
    static const unsigned char zeros[TT_PAYLOAD_MAX];
    for (uint32_t i = 0; i < LAYOUTS; i++) {
        assert_true(layouts[i]->is_plain(zeros));
    }
}

/** A payload passes by the short answer of its items, too, and not by that of one of them alone. */
static void each_item_is_asked(void **state)
{
    (void)state;
    tt_trading_signal signal = {.count = 3};
    for (int i = 0; i < 3; i++) {
        signal.votes[i].action = TT_action_COUNT;
        tutti_status status =
            tt_payload_check(&tt_layout_trading_signal, &signal, sizeof signal, NULL);
        assert_int_equal(status, TUTTI_INVALID);
        signal.votes[i].action = TT_action_SELL;
    }
    signal.votes[3].action = TT_action_COUNT; // behind the used ones
    assert_int_equal(
        tt_payload_check(&tt_layout_trading_signal, &signal, sizeof signal, NULL), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_plain_is_right),
        cmocka_unit_test(fields_do_not_hide_each_other),
        cmocka_unit_test(what_is_common_is_plain),
        cmocka_unit_test(each_item_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
