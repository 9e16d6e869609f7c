/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Layouts as a text: ours come back as they are, and each line that is not right is named.
 *
 * Covers: layout_set.c layout_set_read.c
 */
#include "../../lib/test.h"
#include "base/crc32c.h"
#include "model/enums.h"
#include "model/layout_set.h"

static char own_text[TT_LAYOUT_TEXT_MAX];
static size_t own_size;

static void write_own(void)
{
    tt_text_buf text;
    tt_text_init(&text, own_text, sizeof own_text);
    tt_layout_set_write(&text);
    assert_false(text.truncated);
    own_size = text.length;
}

static tutti_status read_as_is(const char *text, size_t size, tt_layout_set *set, tt_error *error)
{
    static tt_arena arena;
    tt_arena_fini(&arena);
    assert_int_equal(tt_arena_init(&arena, TT_LAYOUT_SET_MEMORY), TUTTI_OK);
    return tt_layout_set_read(text, size, &arena, set, error);
}

/* The text with its last line. */
static tutti_status read_text(const char *text, size_t size, tt_layout_set *set, tt_error *error)
{
    char *whole = malloc(size + 32);
    assert_non_null(whole);
    memcpy(whole, text, size);
    int length = snprintf(whole + size, 32, "end %u\n", tt_crc32c(0, text, size));
    tutti_status status = read_as_is(whole, size + (size_t)length, set, error);
    free(whole);
    return status;
}

static void expect_same_fields(const tt_layout *a, const tt_layout *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->field_count, b->field_count);
    assert_int_equal(a->count_offset, b->count_offset);
    assert_int_equal(a->count_size, b->count_size);
    for (uint16_t i = 0; i < a->field_count; i++) {
        const tt_field *field = &a->fields[i];
        assert_string_equal(field->name, b->fields[i].name);
        assert_int_equal(field->kind, b->fields[i].kind);
        assert_int_equal(field->enumeration != NULL, b->fields[i].enumeration != NULL);
        if (field->item) {
            expect_same_fields(field->item, b->fields[i].item);
        }
    }
}

static void our_layouts_come_back(void **state)
{
    (void)state;
    tt_layout_set set;
    tt_error error = {0};
    write_own();
    assert_int_equal(read_as_is(own_text, own_size, &set, &error), TUTTI_OK);
    assert_true(tt_layout_set_fingerprint(&set) == tt_layout_fingerprint());
    for (uint32_t number = 0; number < TT_TOPIC_COUNT; number++) {
        const tt_topic_info *info = tt_topic_info_get((uint16_t)number);
        const tt_layout_topic *topic = tt_layout_set_topic(&set, (uint16_t)number);
        assert_int_equal(topic != NULL, info != NULL);
        if (info) {
            assert_string_equal(topic->name, info->name);
            expect_same_fields(topic->layout, info->layout);
        }
    }
    assert_null(tt_layout_set_topic(&set, TT_TOPIC_COUNT));
    assert_null(tt_layout_set_topic(&set, UINT16_MAX));
}

#define FIRST "tutti layouts 1\n"
#define ITEM  "payload i 16 16 0 0 0 0\nfield u64 x 0 8\n"

/* Texts that are none, with what is said of them. */
static const struct {
    const char *text;
    const char *message;
} wrong[] = {
    {"tutti layouts 1", "layouts: the last line is not the checksum of the others"},
    {"", "layouts: the last line is not the checksum of the others"},
    {"tutti layouts 2\n", "layouts, line 1: it does not begin with \"tutti layouts 1\""},
    {FIRST "\n", "layouts, line 2: it begins with no word that is known here"},
    {FIRST "enum\n", "layouts, line 2: it begins with no word that is known here"},
    {FIRST "field u8 a 0 1\n", "layouts, line 2: it begins with no word that is known here"},
    {FIRST "enum e\n", "layouts, line 2: a word is missing"},
    {FIRST "enum e 1 2\n", "layouts, line 2: words are not as they must be"},
    {FIRST "enum  1\n", "layouts, line 2: words are not as they must be"},
    {FIRST "enum e x\n", "layouts, line 2: a number is none, or too large"},
    {FIRST "enum e 256\n", "layouts, line 2: a number is none, or too large"},
    {FIRST "enum e -1\n", "layouts, line 2: a number is none, or too large"},
    {FIRST "enum e 1\n", "layouts, line 2: a value of the enumeration is missing"},
    {FIRST "enum e 2\n= a\n", "layouts, line 3: a value of the enumeration is missing"},
    {FIRST "payload p 16 16 0 0 0\n", "layouts, line 2: a word is missing"},
    {FIRST "payload p 0 0 0 0 0 0\n",
     "layouts, line 2: the payload has no size, or a fixed part beyond it"},
    {FIRST "payload p 16 32 0 0 0 0\n",
     "layouts, line 2: the payload has no size, or a fixed part beyond it"},
    {FIRST "payload p 4048 16 0 0 0 0\n", "layouts, line 2: a number is none, or too large"},
    {FIRST "payload p 16 16 0 0 0 3\n", "layouts, line 2: a number is none, or too large"},
    {FIRST "payload p 32 16 0 0 0 0\n",
     "layouts, line 2: the payload says of its list what is not so"},
    {FIRST "payload p 32 16 16 1 0 1\n",
     "layouts, line 2: the payload says of its list what is not so"},
    {FIRST "payload p 16 16 0 0 0 0\nfield float f 0 8\n",
     "layouts, line 3: there is no such kind of a field"},
    {FIRST "payload p 16 16 0 0 0 0\nfield u64 f 0 4\n",
     "layouts, line 3: the field has not the size of its kind"},
    {FIRST "payload p 16 16 0 0 0 0\nfield text f 0 0\n",
     "layouts, line 3: the field has not the size of its kind"},
    {FIRST "payload p 16 16 0 0 0 0\nfield u64 f 9 8\n",
     "layouts, line 3: the field is not within its payload"},
    {FIRST "payload p 16 16 0 0 0 0\nfield text f 65535 65535\n",
     "layouts, line 3: the field is not within its payload"},
    {FIRST "payload p 16 16 0 0 0 0\nfield enum f 0 1\n",
     "layouts, line 3: the field names no enumeration, or no payload of items"},
    {FIRST "payload p 16 16 0 0 0 0\nfield enum f 0 1 e\n",
     "layouts, line 3: the field names no enumeration, or no payload of items"},
    {FIRST "payload p 16 16 0 0 0 0\nfield u64 f 0 8 e\n",
     "layouts, line 3: the field names no enumeration, or no payload of items"},
    {FIRST "payload p 48 16 16 2 0 1\nfield list f 16 32 p\n",
     "layouts, line 3: the field names no enumeration, or no payload of items"},
    {FIRST ITEM "payload p 48 16 16 2 0 1\nfield list f 32 16 i\n",
     "layouts, line 5: the field is not within its payload"},
    {FIRST ITEM "payload p 48 16 16 2 0 1\nfield list f 16 16 i\n",
     "layouts, line 5: the list has another size than its items"},
    {FIRST ITEM "payload p 48 16 8 4 0 1\nfield list f 16 32 i\n",
     "layouts, line 5: the list has another size than its items"},
    {FIRST ITEM "payload p 48 16 16 2 16 1\nfield list f 16 32 i\n",
     "layouts, line 5: the payload says of its list what is not so"},
    {FIRST ITEM "payload p 48 16 16 2 0 0\nfield list f 16 32 i\n",
     "layouts, line 5: the payload says of its list what is not so"},
    {FIRST ITEM "payload p 48 16 16 2 0 1\nfield list f 16 32 i\nfield u8 n 0 1\n",
     "layouts, line 6: a field stands behind the list"},
    {FIRST "topic 1 t p\n", "layouts, line 2: the topic names no payload"},
    {FIRST ITEM "topic 65536 t i\n", "layouts, line 4: a number is none, or too large"},
    {FIRST ITEM "topic 2 t i\ntopic 2 u i\n",
     "layouts, line 5: the numbers of topics do not ascend"},
    {FIRST "payload p 8 8 0 0 0 0\ntopic 2 t p\n",
     "layouts, line 3: the payload of a topic is no multiple of 16"},
};

static void each_line_that_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tt_layout_set set;
        tt_error error = {0};
        tutti_status status = read_text(wrong[i].text, strlen(wrong[i].text), &set, &error);
        assert_int_equal(status, TUTTI_PARSE);
        assert_string_equal(error.message, wrong[i].message);
    }
}

/* A name of 63 characters is the longest; a NUL, or more than the bound, is no text. */
static void bounds_hold(void **state)
{
    (void)state;
    tt_layout_set set;
    tt_error error = {0};
    char text[128];
    char name[65] = "";
    memset(name, 'n', 63);
    snprintf(text, sizeof text, FIRST "enum %s 0\n", name);
    assert_int_equal(read_text(text, strlen(text), &set, &error), TUTTI_OK);
    name[63] = 'n';
    snprintf(text, sizeof text, FIRST "enum %s 0\n", name);
    assert_int_equal(read_text(text, strlen(text), &set, &error), TUTTI_PARSE);
    static const char with_nul[] = FIRST "\0\n";
    assert_int_equal(read_text(with_nul, sizeof with_nul - 1, &set, &error), TUTTI_PARSE);
    char *large = malloc(TT_LAYOUT_TEXT_MAX);
    assert_non_null(large);
    memset(large, '\n', TT_LAYOUT_TEXT_MAX);
    assert_int_equal(read_text(large, TT_LAYOUT_TEXT_MAX, &set, &error), TUTTI_PARSE);
    // As many lines as can be are more than the memory of a set.
    assert_int_equal(read_text(large, TT_LAYOUT_TEXT_MAX - 20, &set, &error), TUTTI_NO_MEMORY);
    free(large);
}

/* Whether so many bytes in all are taken for a text: empty lines, and the checksum of them. */
static bool is_text_of(size_t size)
{
    tt_layout_set set;
    tt_error error = {0};
    const size_t lines = size - strlen("end 0123456789\n");
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, '\n', size);
    for (text[0] = 'a'; tt_crc32c(0, text, lines) < 1000000000; text[0]++) { // of ten digits
    }
    (void)snprintf(text + lines, size - lines + 1, "end %u\n", tt_crc32c(0, text, lines));
    tutti_status status = read_as_is(text, size, &set, &error);
    free(text);
    assert_int_equal(
        status == TUTTI_PARSE, strstr(error.message, "no text of whole lines") != NULL);
    return status != TUTTI_PARSE;
}

static void a_text_has_half_a_mebibyte(void **state)
{
    (void)state;
    assert_true(is_text_of(TT_LAYOUT_TEXT_MAX));
    assert_false(is_text_of(TT_LAYOUT_TEXT_MAX + 1));
}

/* No byte may change, wherever it stands. */
static void every_flipped_byte_is_found(void **state)
{
    (void)state;
    tt_layout_set set;
    write_own();
    for (size_t at = 0; at < own_size; at += 41) {
        tt_error error = {0};
        own_text[at] ^= 1;
        assert_int_equal(read_as_is(own_text, own_size, &set, &error), TUTTI_PARSE);
        own_text[at] ^= 1;
    }
    assert_int_equal(read_as_is(own_text, 0, &set, NULL), TUTTI_PARSE);
    assert_int_equal(read_as_is("\n", 1, &set, NULL), TUTTI_PARSE);
    assert_int_equal(read_as_is("end 0\n", 6, &set, NULL), TUTTI_PARSE);
    assert_int_equal(read_as_is("end \n", 5, &set, NULL), TUTTI_PARSE);
}

/* Whatever is cut off: what is left is read as far as it goes, or refused. */
static void every_beginning_is_read_or_refused(void **state)
{
    (void)state;
    unsigned refused = 0;
    write_own();
    for (size_t size = 1; size < own_size - 20; size++) {
        if (own_text[size - 1] == '\n' && size % 7 == 0) {
            tt_layout_set set;
            tt_error error = {0};
            tutti_status status = read_text(own_text, size, &set, &error);
            assert_true(status == TUTTI_OK || status == TUTTI_PARSE);
            refused += status != TUTTI_OK;
            assert_true(
                status != TUTTI_OK || tt_layout_set_fingerprint(&set) != tt_layout_fingerprint());
        }
    }
    assert_true(refused > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_layouts_come_back),
        cmocka_unit_test(each_line_that_is_wrong_is_named),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(a_text_has_half_a_mebibyte),
        cmocka_unit_test(every_flipped_byte_is_found),
        cmocka_unit_test(every_beginning_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
