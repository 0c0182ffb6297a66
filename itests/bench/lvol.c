/*
 * What LvolPerf.java does for first and cow, with SPDK's volumes: writes 4 KiB to each cluster of lvs0/warm, then of lvs0/run. Prints the writes
 * per second of the latter. Arguments: a configuration that makes them, bytes in a cluster, depth.
 */
#include <stdio.h>
#include <stdlib.h>
#include <spdk/bdev.h>
#include <spdk/env.h>
#include <spdk/event.h>

enum { BYTES = 4096 };

static const char *volumes[] = { "lvs0/warm", "lvs0/run" };
static struct spdk_bdev_desc *descriptor;
static struct spdk_io_channel *channel;
static uint64_t cluster, depth, clusters, next, busy, began;
static int volume;

static void start_volume(void *context);

static void fail(const char *what)
{
	fprintf(stderr, "failed: %s\n", what);
	exit(1);
}

static void event(enum spdk_bdev_event_type type, struct spdk_bdev *bdev, void *context)
{
}

static void written(struct spdk_bdev_io *io, bool success, void *buffer);

static void go(void *buffer)
{
	if (next < clusters) {
		if (spdk_bdev_write(descriptor, channel, buffer, next++ * cluster, BYTES, written, buffer) != 0) {
			fail("submission");
		}
		return;
	}
	spdk_dma_free(buffer);
	if (--busy == 0) {
		double seconds = (double)(spdk_get_ticks() - began) / spdk_get_ticks_hz();

		if (++volume == SPDK_COUNTOF(volumes)) {
			printf("writes per second: %.0f\n", clusters / seconds);
			fflush(stdout);
			_Exit(0);
		}
		spdk_put_io_channel(channel);
		spdk_bdev_close(descriptor);
		start_volume(NULL);
	}
}

static void written(struct spdk_bdev_io *io, bool success, void *buffer)
{
	spdk_bdev_free_io(io);
	if (!success) {
		fail("write");
	}
	go(buffer);
}

static void start_volume(void *context)
{
	if (spdk_bdev_open_ext(volumes[volume], true, event, NULL, &descriptor) != 0) {
		fail(volumes[volume]);
	}
	channel = spdk_bdev_get_io_channel(descriptor);
	clusters = spdk_bdev_get_num_blocks(spdk_bdev_desc_get_bdev(descriptor)) * BYTES / cluster;
	next = 0;
	busy = depth;
	began = spdk_get_ticks();
	for (uint64_t i = 0; i < depth; i++) {
		go(spdk_dma_zmalloc(BYTES, BYTES, NULL));
	}
}

int main(int count, char **arguments)
{
	struct spdk_app_opts options;

	if (count != 4) {
		return 2;
	}
	cluster = strtoull(arguments[2], NULL, 10);
	depth = strtoull(arguments[3], NULL, 10);
	spdk_app_opts_init(&options, sizeof options);
	options.name = "lvol";
	options.json_config_file = arguments[1];
	options.reactor_mask = "0x2";
	options.no_huge = true;
	options.mem_size = 4096;
	options.rpc_addr = NULL;
	return spdk_app_start(&options, start_volume, NULL);
}
