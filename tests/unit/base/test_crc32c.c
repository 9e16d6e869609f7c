/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * CRC-32C: vectors of RFC 3720, B.4, and agreement of instruction and table.
 */
#include "../../lib/test.h"
#include "base/crc32c.h"
#include "base/random.h"

static void both(const void *data, size_t size, uint32_t expected)
{
    assert_int_equal(tt_crc32c(0, data, size), expected);
    assert_int_equal(tt_crc32c_portable(0, data, size), expected);
}

static void vectors_of_the_rfc(void **state)
{
    (void)state;
    unsigned char bytes[48] = {0};
    both(bytes, 32, 0x8a9136aa);
    memset(bytes, 0xff, 32);
    both(bytes, 32, 0x62a8ab43);
    for (unsigned char i = 0; i < 32; i++) {
        bytes[i] = i;
    }
    both(bytes, 32, 0x46dd794e);
    for (unsigned char i = 0; i < 32; i++) {
        bytes[i] = (unsigned char)(31 - i);
    }
    both(bytes, 32, 0x113fdb5c);
    static const unsigned char read_command[48] = {
        0x01, 0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02};
    both(read_command, 48, 0xd9963a56);
    both("123456789", 9, 0xe3069283);
    both("", 0, 0);
}

static void every_split_and_alignment_agrees(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 11, 0);
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)tt_random_u64(&random);
    }
    for (size_t begin = 0; begin < 9; begin++) {
        for (size_t size = 0; size < 100; size++) {
            uint32_t whole = tt_crc32c_portable(0, bytes + begin, size);
            assert_int_equal(tt_crc32c(0, bytes + begin, size), whole);
            for (size_t cut = 0; cut <= size; cut += 7) {
                uint32_t first = tt_crc32c(0, bytes + begin, cut);
                assert_int_equal(tt_crc32c(first, bytes + begin + cut, size - cut), whole);
            }
        }
    }
}

/* Three lanes side by side from 240 bytes on, longer ones from 768 on: every size around their
 * bounds, and random places, sizes and beginnings. */
static void lanes_give_what_the_table_gives(void **state)
{
    (void)state;
    static unsigned char bytes[20000];
    tt_random random;
    tt_random_init(&random, 12, 0);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)tt_random_u64(&random);
    }
    for (size_t size = 0; size < 2000; size++) {
        uint32_t crc = (uint32_t)tt_random_u64(&random);
        assert_int_equal(tt_crc32c(crc, bytes, size), tt_crc32c_portable(crc, bytes, size));
    }
    for (int i = 0; i < 5000; i++) {
        size_t begin = tt_random_u64(&random) % 10000;
        size_t size = tt_random_u64(&random) % 10000;
        uint32_t crc = (uint32_t)tt_random_u64(&random);
        assert_int_equal(
            tt_crc32c(crc, bytes + begin, size), tt_crc32c_portable(crc, bytes + begin, size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc),
        cmocka_unit_test(every_split_and_alignment_agrees),
        cmocka_unit_test(lanes_give_what_the_table_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
