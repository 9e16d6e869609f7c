/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 and HMAC against published values, and against the general functions of libcrypto.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "journal/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static void assert_hex(const uint8_t digest[TT_SHA256_SIZE], const char *expected)
{
    char text[2 * TT_SHA256_SIZE + 1];
    for (size_t i = 0; i < TT_SHA256_SIZE; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    assert_string_equal(text, expected);
}

static void digests_are_those_of_fips_180(void **state)
{
    (void)state;
    uint8_t digest[TT_SHA256_SIZE];
    tt_sha256("", 0, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    tt_sha256("abc", 3, digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* Cases 1, 2 and 3 of RFC 4231. */
static void codes_are_those_of_rfc_4231(void **state)
{
    (void)state;
    uint8_t key[20];
    uint8_t data[50];
    uint8_t code[TT_SHA256_SIZE];
    memset(key, 0x0b, sizeof key);
    tt_sha256_hmac(key, sizeof key, "Hi There", 8, code);
    assert_hex(code, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    tt_sha256_hmac("Jefe", 4, "what do ya want for nothing?", 28, code);
    assert_hex(code, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    tt_sha256_hmac(key, sizeof key, data, sizeof data, code);
    assert_hex(code, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

static void agrees_with_libcrypto_at_every_length(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 11, 0);
    uint8_t key[TT_SHA256_KEY_MAX];
    uint8_t data[200];
    for (size_t size = 0; size <= sizeof data; size++) {
        size_t key_size = size % (TT_SHA256_KEY_MAX + 1);
        for (size_t i = 0; i < sizeof data; i++) {
            data[i] = (uint8_t)tt_random_below(&random, 256);
            key[i % sizeof key] = (uint8_t)tt_random_below(&random, 256);
        }
        uint8_t ours[TT_SHA256_SIZE];
        uint8_t theirs[TT_SHA256_SIZE];
        unsigned length = 0;
        tt_sha256(data, size, ours);
        assert_int_equal(EVP_Digest(data, size, theirs, &length, EVP_sha256(), NULL), 1);
        assert_memory_equal(ours, theirs, sizeof ours);
        tt_sha256_hmac(key, key_size, data, size, ours);
        assert_non_null(HMAC(EVP_sha256(), key, (int)key_size, data, size, theirs, &length));
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

static void a_key_of_more_than_a_block_is_a_mistake(void **state)
{
    (void)state;
    static const uint8_t key[TT_SHA256_KEY_MAX + 1];
    uint8_t code[TT_SHA256_SIZE];
    TT_EXPECT_ABORT((tt_sha256_hmac(key, sizeof key, "", 0, code), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_fips_180),
        cmocka_unit_test(codes_are_those_of_rfc_4231),
        cmocka_unit_test(agrees_with_libcrypto_at_every_length),
        cmocka_unit_test(a_key_of_more_than_a_block_is_a_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
