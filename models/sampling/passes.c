/* Passes over the logits of a whole vocabulary, for models/sampling/passes.py, which documents them. Each is loops that
   a compiler turns into vector instructions, and none of them holds Python's lock. threads: of OpenMP, where the library
   was compiled with it. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define SHARED __declspec(dllexport)
#else
#define SHARED __attribute__((visibility("default")))
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EACH_PROCESSOR
#endif

enum { BLOCKS = 1024, MOST = 256, PART = 1024, LANES = 16 };
typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));
#define LOWEST -87.0f /* below it, exp is no normal number */

/* An integer that orders as the float does; NaN lies beyond both infinities. */
static inline int32_t key_of(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((bits >> 31) & 0x7fffffff);
}

static inline float value_of(int32_t key) {
    int32_t bits = key ^ ((key >> 31) & 0x7fffffff);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The highest key of one block, and whether a NaN is among its values. */
EACH_PROCESSOR static int highest_of(const float *values, int32_t count, int32_t *key_found) {
    int32_t most = INT32_MIN, least = INT32_MAX;
    for (int32_t i = 0; i < count; i++) {
        int32_t key = key_of(values[i]);
        most = key > most ? key : most;
        least = key < least ? key : least;
    }
    *key_found = most;
    return most > key_of(INFINITY) || least < key_of(-INFINITY);
}

/* The same of each block. */
static int highest(const float *values, int32_t count, int32_t size, int32_t blocks, int threads, int32_t *keys) {
    int broken = 0;
#pragma omp parallel for num_threads(threads) if (threads > 1) reduction(| : broken)
    for (int32_t block = 0; block < blocks; block++) {
        int32_t start = block * size, end = start + size < count ? start + size : count;
        broken |= highest_of(values + start, end - start, &keys[block]);
    }
    return broken;
}

/* Put an entry into a list of the `wanted` highest, highest first, of equal ones the first that came. Returns how many
   there are. */
static int32_t insert(float value, int32_t index, int32_t wanted, int32_t found, float *best, int32_t *ids) {
    if (found == wanted && value <= best[found - 1]) return found;
    int32_t place = found < wanted ? found : wanted - 1;
    for (; place > 0 && value > best[place - 1]; place--) {
        best[place] = best[place - 1];
        ids[place] = ids[place - 1];
    }
    best[place] = value;
    ids[place] = index;
    return found < wanted ? found + 1 : wanted;
}

SHARED int32_t inkfall_most_likely(const float *values, int32_t count, int32_t wanted, int32_t threads, int32_t *ids) {
    int32_t keys[BLOCKS], size = (count + BLOCKS - 1) / BLOCKS, blocks = (count + size - 1) / size, found = 0;
    float best[MOST];
    if (highest(values, count, size, blocks, threads, keys)) return -1;
    for (int32_t block = 0; block < blocks; block++) found = insert(value_of(keys[block]), 0, wanted, found, best, ids);
    float floor = found == wanted ? best[found - 1] : -INFINITY; /* as many blocks reach it, so as many values do */
    found = 0;
    for (int32_t block = 0; block < blocks; block++) {
        if (value_of(keys[block]) < floor) continue;
        int32_t start = block * size, end = start + size < count ? start + size : count;
        for (int32_t i = start; i < end; i++)
            if (values[i] >= floor) found = insert(values[i], i, wanted, found, best, ids);
    }
    return found;
}

/* exp(x) for x <= 0 with the polynomial of Cephes' expf (Moshier); 0 below the smallest normal number. */
static inline float power(float x) {
    float whole = rintf(x * 1.44269504088896341f);
    float rest = x - whole * 0.693359375f;
    rest = rest - whole * -2.12194440e-4f;
    float sum = 1.9875691500e-4f;
    sum = sum * rest + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * (rest * rest) + rest + 1.0f;
    int32_t bits = ((int32_t)whole + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return x > LOWEST ? sum * scale : 0.0f;
}

/* As weigh, for one part of at most PART values. */
EACH_PROCESSOR static void weigh_part(const float *from, float peak, int32_t size, float *shifted, float *weights,
                                      double *sums) {
    int32_t whole = (size + LANES - 1) / LANES * LANES;
    float moved[PART], bounded[PART], powers[PART];
    for (int32_t i = 0; i < size; i++) moved[i] = from[i] - peak;
    for (int32_t i = 0; i < size; i++) bounded[i] = moved[i] < LOWEST ? LOWEST : moved[i];
    for (int32_t i = size; i < whole; i++) bounded[i] = LOWEST; /* adds nothing */
    for (int32_t i = 0; i < whole; i++) powers[i] = power(bounded[i]);
    if (shifted) memcpy(shifted, moved, size * sizeof *moved);
    memcpy(weights, powers, size * sizeof *powers);
    Lanes some = {0}, products = {0};
    for (int32_t i = 0; i < whole; i += LANES) {
        Lanes weight, x;
        memcpy(&weight, powers + i, sizeof weight);
        memcpy(&x, bounded + i, sizeof x);
        some += weight;
        products += weight * x;
    }
    double total = 0, product = 0;
    for (int32_t lane = 0; lane < LANES; lane++) {
        total += some[lane];
        product += products[lane];
    }
    sums[0] = total;
    sums[1] = product;
}

/* shifted gets values - peak, unless it is null; weights gets the exponents of that; sums gets the sum of the weights,
   and the sum of each weight times its shifted value. Sums are taken in LANES lanes and in PARTs whatever the vectors
   and the threads are, so their order is always the same. */
static void weigh(const float *values, float peak, int32_t count, int threads, float *shifted, float *weights,
                  double *sums) {
    double total = 0, product = 0;
    for (int32_t first = 0; first < count; first += BLOCKS * PART) {
        double found[BLOCKS][2];
        int32_t left = count - first, parts = left < BLOCKS * PART ? (left + PART - 1) / PART : BLOCKS;
#pragma omp parallel for num_threads(threads) if (threads > 1)
        for (int32_t part = 0; part < parts; part++) {
            int32_t start = first + part * PART, size = start + PART < count ? PART : count - start;
            weigh_part(values + start, peak, size, shifted ? shifted + start : 0, weights + start, found[part]);
        }
        for (int32_t part = 0; part < parts; part++) {
            total += found[part][0];
            product += found[part][1];
        }
    }
    sums[0] = total;
    sums[1] = product;
}

SHARED void inkfall_weigh(const float *shifted, int32_t count, int32_t threads, float *weights, double *sums) {
    weigh(shifted, 0, count, threads, NULL, weights, sums);
}

/* Whether the library was compiled with OpenMP. */
SHARED int32_t inkfall_parallel(void) {
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}

SHARED int32_t inkfall_distribution(const float *logits, int32_t count, int32_t wanted, int32_t threads, int32_t *ids,
                                    float *shifted, float *weights, double *sums) {
    int32_t found = inkfall_most_likely(logits, count, wanted, threads, ids);
    if (found < 1 || !isfinite(logits[ids[0]])) return -1;
    weigh(logits, logits[ids[0]], count, threads, shifted, weights, sums);
    return found;
}
