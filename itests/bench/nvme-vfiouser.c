/*
 * The same as NvmeVfioUser.java with SPDK's driver: random reads of 4 KiB, so many in flight, each submitted again when it ends. Counts
 * the time of the polls that found something, those of more than 100 us left out. Prints I/Os per second, then the driver's nanoseconds per I/O. Arguments: path, depth,
 * seconds, processor.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <spdk/env.h>
#include <spdk/nvme.h>

enum { BYTES = 4096, BATCH = 64 };

static struct spdk_nvme_ns *namespace;
static struct spdk_nvme_qpair *queue;
static uint64_t state = 0x9E3779B97F4A7C15ull, places, ended, counted;
static uint32_t blocks;

static void read_again(void *buffer, const struct spdk_nvme_cpl *completion);

static void go(void *buffer)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	if (spdk_nvme_ns_cmd_read(namespace, queue, buffer, state % places * blocks, blocks, read_again, buffer, 0) != 0) {
		fprintf(stderr, "refused\n");
		exit(1);
	}
}

static void read_again(void *buffer, const struct spdk_nvme_cpl *completion)
{
	if (spdk_nvme_cpl_is_error(completion)) {
		fprintf(stderr, "failed\n");
		exit(1);
	}
	ended++;
	go(buffer);
}

static void measure(uint64_t ticks, uint64_t *busy, uint64_t *polls)
{
	uint64_t now = spdk_get_ticks(), end = now + ticks, longest = spdk_get_ticks_hz() / 10000;

	ended = 0;
	counted = 0;
	*busy = 0;
	*polls = 0;
	while (now < end) {
		int found = spdk_nvme_qpair_process_completions(queue, BATCH);
		uint64_t after = spdk_get_ticks();

		if (found < 0) {
			fprintf(stderr, "lost\n");
			exit(1);
		}
		if (found > 0 && after - now < longest) {
			*busy += after - now;
			counted += found;
			++*polls;
		}
		now = after;
	}
}

int main(int count, char **arguments)
{
	struct spdk_env_opts environment = { .opts_size = sizeof environment };
	struct spdk_nvme_transport_id id = {};
	struct spdk_nvme_io_qpair_opts options;
	struct spdk_nvme_ctrlr *controller;
	uint64_t busy, polls, rate, depth;
	double seconds;

	if (count != 5) {
		return 2;
	}
	depth = strtoul(arguments[2], NULL, 10);
	seconds = strtod(arguments[3], NULL);
	spdk_env_opts_init(&environment);
	environment.name = "nvme-vfiouser";
	environment.core_mask = arguments[4];
	environment.no_huge = true;
	environment.mem_size = 512;
	if (spdk_env_init(&environment) != 0) {
		return 1;
	}
	spdk_nvme_trid_populate_transport(&id, SPDK_NVME_TRANSPORT_VFIOUSER);
	snprintf(id.traddr, sizeof id.traddr, "%s", arguments[1]);
	controller = spdk_nvme_connect(&id, NULL, 0);
	if (controller == NULL) {
		return 1;
	}
	spdk_nvme_ctrlr_get_default_io_qpair_opts(controller, &options, sizeof options);
	options.delay_cmd_submit = true;
	queue = spdk_nvme_ctrlr_alloc_io_qpair(controller, &options, sizeof options);
	namespace = spdk_nvme_ctrlr_get_ns(controller, spdk_nvme_ctrlr_get_first_active_ns(controller));
	blocks = BYTES / spdk_nvme_ns_get_sector_size(namespace);
	places = spdk_nvme_ns_get_num_sectors(namespace) / blocks;
	for (uint64_t i = 0; i < depth; i++) {
		go(spdk_dma_zmalloc(BYTES, BYTES, NULL));
	}
	rate = spdk_get_ticks_hz();
	measure(rate * seconds, &busy, &polls);
	measure(rate * seconds, &busy, &polls);
	printf("%.0f I/Os per second, %.1f found by a poll, driver ns per I/O: %.1f\n", ended / seconds,
	       (double)counted / polls, busy * 1e9 / rate / counted);
	fflush(stdout);
	_Exit(0);
}
