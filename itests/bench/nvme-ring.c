// Random reads of 4 KiB on rings as NVMe has them, so many in flight, with a controller that answers at once and moves nothing: submit, ring,
// answer, poll, call back, on one thread. Prints processor time per I/O in nanoseconds. Arguments: depth, seconds. The twin of NvmeRing.java,
// without anything of a driver but the rings and the table of what is in flight.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define ENTRIES 257
#define BATCH 128

struct sqe { uint64_t words[8]; };
struct cqe { uint64_t words[2]; };
struct request;
typedef void (*ended_fn)(struct request *request, unsigned status);
struct request { ended_fn ended; uint64_t slba; char *data; };

static struct sqe *sq;
static struct cqe *cq;
static volatile uint32_t *doorbells;
static struct request *table[ENTRIES];
static uint16_t unused[ENTRIES];
static unsigned unused_count, tail, rung, head, phase = 1;
static unsigned device_head, device_tail, device_phase = 1;
static uint64_t state = 0x9E3779B97F4A7C15u, ended_count;

static void submit(struct request *request) {
    unsigned cid = unused[--unused_count];
    struct sqe *entry = &sq[tail];
    table[cid] = request;
    entry->words[0] = 2 | (uint64_t)cid << 16 | 1ull << 32;
    entry->words[1] = 0;
    entry->words[2] = 0;
    entry->words[3] = (uint64_t)request->data;
    entry->words[4] = 0;
    entry->words[5] = request->slba;
    entry->words[6] = 7;
    entry->words[7] = 0;
    tail = tail + 1 == ENTRIES ? 0 : tail + 1;
}

static void go(struct request *request) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    request->slba = (state & ((1u << 28) - 1)) * 8;
    submit(request);
}

static void read_ended(struct request *request, unsigned status) {
    if (status) abort();
    ended_count++;
    go(request);
}

static void ring(void) {
    if (tail != rung) {
        rung = tail;
        __atomic_store_n(&doorbells[2], tail, __ATOMIC_RELEASE);
    }
}

static void poll_queue(void) {
    int found = 0;
    ring();
    while (found < BATCH) {
        uint64_t word = __atomic_load_n(&cq[head].words[1], __ATOMIC_ACQUIRE);
        if ((word >> 48 & 1) != phase) break;
        if (++head == ENTRIES) {
            head = 0;
            phase ^= 1;
        }
        found++;
        unsigned cid = word >> 32 & 0xffff;
        if (cid >= ENTRIES || !table[cid]) abort();
        struct request *request = table[cid];
        table[cid] = NULL;
        unused[unused_count++] = cid;
        request->ended(request, word >> 49);
    }
    if (found) {
        __atomic_store_n(&doorbells[3], head, __ATOMIC_RELEASE);
        ring();
    }
}

static void step(void) {
    unsigned told = __atomic_load_n(&doorbells[2], __ATOMIC_ACQUIRE);
    while (device_head != told) {
        unsigned cid = sq[device_head].words[0] >> 16 & 0xffff;
        device_head = device_head + 1 == ENTRIES ? 0 : device_head + 1;
        cq[device_tail].words[0] = 0;
        __atomic_store_n(&cq[device_tail].words[1],
            device_head | 1u << 16 | (uint64_t)cid << 32 | (uint64_t)device_phase << 48, __ATOMIC_RELEASE);
        if (++device_tail == ENTRIES) {
            device_tail = 0;
            device_phase ^= 1;
        }
    }
}

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int depth = atoi(argv[1]);
    char *memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED || depth < 1 || depth >= ENTRIES) return 2;
    sq = (struct sqe *)memory;
    cq = (struct cqe *)(memory + (64 << 10));
    doorbells = (uint32_t *)(memory + (128 << 10));
    for (int i = 0; i < ENTRIES; i++) unused[unused_count++] = ENTRIES - 1 - i;
    struct request *requests = calloc(depth, sizeof *requests);
    for (int i = 0; i < depth; i++) {
        requests[i].ended = read_ended;
        requests[i].data = memory + (256 << 10) + i * 4096;
        go(&requests[i]);
    }
    double end = now(CLOCK_MONOTONIC) + atof(argv[2]) * 1e9, begun = now(CLOCK_THREAD_CPUTIME_ID);
    do {
        for (int i = 0; i < 20000; i++) {
            poll_queue();
            step();
        }
    } while (now(CLOCK_MONOTONIC) < end);
    printf("ns per I/O: %.2f\n", (now(CLOCK_THREAD_CPUTIME_ID) - begun) / ended_count);
    return 0;
}
