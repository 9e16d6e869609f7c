/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Two lanes of SHA-256 on the SHA extensions of x86.
 */
#include "journal/sha256_pair.h"

#include "base/error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3"), always_inline)) static inline
#define BLOCK    64u

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* One message on its way: the state in the order that the instructions want, and sixteen words. */
typedef struct lane {
    __m128i abef;
    __m128i cdgh;
    __m128i words[4];
} lane;

bool tt_sha256_pair_is_offered(void)
{
    const unsigned sha_bit = 1u << 29;
    unsigned a;
    unsigned b;
    unsigned c;
    unsigned d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha_bit) != 0 &&
           __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

WITH_SHA void begin(lane *to)
{
    // The words of the initial state: a, b, e, f and c, d, g, h.
    to->abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
    to->cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
}

/* Words 4 * group and following of the schedule. */
WITH_SHA __m128i next_words(lane *from, unsigned group, const unsigned char *block)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i *own = &from->words[group % 4];
    if (group < 4) {
        *own = _mm_shuffle_epi8(
            _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * (size_t)group)), order);
        return *own;
    }
    __m128i before = from->words[(group + 3) % 4];
    __m128i middle = _mm_alignr_epi8(before, from->words[(group + 2) % 4], 4);
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*own, from->words[(group + 1) % 4]), middle);
    *own = _mm_sha256msg2_epu32(sum, before);
    return *own;
}

/* Four rounds. */
WITH_SHA void advance(lane *of, unsigned group, const unsigned char *block)
{
    const __m128i constants =
        _mm_load_si128((const __m128i *)(const void *)(round_constants + 4 * (size_t)group));
    __m128i sum = _mm_add_epi32(next_words(of, group, block), constants);
    of->cdgh = _mm_sha256rnds2_epu32(of->cdgh, of->abef, sum);
    of->abef = _mm_sha256rnds2_epu32(of->abef, of->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

WITH_SHA void add_block(lane *first, lane *second, const unsigned char *a, const unsigned char *b)
{
    lane old[2] = {*first, *second};
#pragma GCC unroll 16
    for (unsigned group = 0; group < 16; group++) {
        advance(first, group, a);
        advance(second, group, b);
    }
    first->abef = _mm_add_epi32(first->abef, old[0].abef);
    first->cdgh = _mm_add_epi32(first->cdgh, old[0].cdgh);
    second->abef = _mm_add_epi32(second->abef, old[1].abef);
    second->cdgh = _mm_add_epi32(second->cdgh, old[1].cdgh);
}

WITH_SHA void finish(const lane *from, uint8_t digest[32])
{
    uint32_t abef[4];
    uint32_t cdgh[4];
    _mm_storeu_si128((__m128i *)(void *)abef, from->abef);
    _mm_storeu_si128((__m128i *)(void *)cdgh, from->cdgh);
    const uint32_t words[8] = {
        abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0]};
    for (size_t i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(words[i]);
        memcpy(digest + 4 * i, &word, sizeof word);
    }
}

__attribute__((target("sha,sse4.1,ssse3"))) void tt_sha256_pair(
    const void *first,
    const void *second,
    size_t size,
    uint8_t first_digest[32],
    uint8_t second_digest[32])
{
    lane lanes[2];
    unsigned char padding[BLOCK] = {0x80};
    uint64_t bits = __builtin_bswap64((uint64_t)size * 8);
    TT_ASSERT(size % BLOCK == 0);
    memcpy(padding + BLOCK - sizeof bits, &bits, sizeof bits);
    begin(&lanes[0]);
    begin(&lanes[1]);
    const unsigned char *a = first;
    const unsigned char *b = second;
    for (size_t at = 0; at < size; at += BLOCK) {
        add_block(&lanes[0], &lanes[1], a + at, b + at);
    }
    add_block(&lanes[0], &lanes[1], padding, padding);
    finish(&lanes[0], first_digest);
    finish(&lanes[1], second_digest);
}

#else

bool tt_sha256_pair_is_offered(void)
{
    return false;
}

void tt_sha256_pair(
    const void *first,
    const void *second,
    size_t size,
    uint8_t first_digest[32],
    uint8_t second_digest[32])
{
    (void)first;
    (void)second;
    (void)size;
    (void)first_digest;
    (void)second_digest;
    TT_ASSERT(!"offered");
}

#endif
