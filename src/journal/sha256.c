/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 in one call. libcrypto 3 calls these functions deprecated in favour of general ones.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "journal/sha256.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert(TT_SHA256_SIZE == SHA256_DIGEST_LENGTH, "SHA-256");
_Static_assert(TT_SHA256_KEY_MAX == SHA256_CBLOCK, "a block");

/* digest = SHA-256(first || second); `second` may be `digest`. */
static void digest_two(
    const void *first,
    size_t first_size,
    const void *second,
    size_t second_size,
    uint8_t digest[TT_SHA256_SIZE])
{
    SHA256_CTX state;
    TT_ASSERT(SHA256_Init(&state) == 1);
    TT_ASSERT(SHA256_Update(&state, first, first_size) == 1);
    TT_ASSERT(SHA256_Update(&state, second, second_size) == 1);
    TT_ASSERT(SHA256_Final(digest, &state) == 1);
    OPENSSL_cleanse(&state, sizeof state);
}

void tt_sha256(const void *bytes, size_t size, uint8_t digest[TT_SHA256_SIZE])
{
    digest_two("", 0, bytes, size, digest);
}

void tt_sha256_hmac(
    const void *key, size_t key_size, const void *bytes, size_t size, uint8_t code[TT_SHA256_SIZE])
{
    uint8_t inner[TT_SHA256_KEY_MAX] = {0};
    uint8_t outer[TT_SHA256_KEY_MAX];
    TT_ASSERT(key_size <= sizeof inner);
    memcpy(inner, key, key_size);
    for (size_t i = 0; i < sizeof inner; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    digest_two(inner, sizeof inner, bytes, size, code);
    digest_two(outer, sizeof outer, code, TT_SHA256_SIZE, code);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(outer, sizeof outer);
}
