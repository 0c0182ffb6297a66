package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.nvme.testkit.media.SimSubsystem;
import java.util.List;

/** A machine with one controller and one namespace, and a host that drives it. */
final class Bench implements AutoCloseable {
    static final String ADDRESS = "0000:01:00.0";

    final SimRandom random;
    final SimEnvironment environment;
    final SimSubsystem subsystem = new SimSubsystem("SIM1", 1L << 30);
    final SimNvme nvme;
    final SimNamespace disk;
    final HandHost host;

    Bench(long seed, Traits traits, Settings settings) throws StorageException {
        random = new SimRandom(seed);
        environment = new SimEnvironment(random.split(), 1);
        nvme = new SimNvme(environment, random.split(), ADDRESS, subsystem, traits);
        disk = subsystem.add(4096, settings);
        environment.pci().plug(nvme);
        host = new HandHost(environment, environment.pci().open(ADDRESS));
    }

    /** One that is ready for I/O. */
    static Bench ready(long seed, Traits traits, Settings settings) throws StorageException {
        var bench = new Bench(seed, traits, settings);
        assertTrue(bench.host.enable());
        bench.host.createIo();
        return bench;
    }

    Region noise(int bytes) throws StorageException {
        Region region = host.memory(bytes);
        byte[] some = new byte[bytes];
        random.bytes(some);
        Mem.put(region.address(), some, 0, bytes);
        return region;
    }

    static byte[] bytes(Region region, int count) {
        byte[] bytes = new byte[count];
        Mem.get(region.address(), bytes, 0, count);
        return bytes;
    }

    /** Neither the driver nor the device did wrong. */
    void assertClean() {
        assertEquals(List.of(), nvme.violations());
        assertEquals(List.of(), nvme.memory().faults());
    }

    @Override
    public void close() {
        environment.close();
    }
}
