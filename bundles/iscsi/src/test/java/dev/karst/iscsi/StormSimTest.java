package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.sim.SimRandom;
import dev.karst.iscsi.session.Group;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Sessions come and go, by logout, by breaking off, by another login of the same port, with one connection and with two, while commands
 * are in flight; nodes and what lets initiators in go and come back. Whatever the order: each command that is answered is answered
 * once, nothing throws, and in the end nothing is left. {@link FakeDevices} holds sessions to their contract.
 */
class StormSimTest {
    private static final int SEEDS = 25;
    private static final int STEPS = 160;
    private static final int PORTS = 3;

    /** One connection and the tags that it may still be told of. */
    private static final class Connection {
        final Initiator initiator;
        final int port;
        final List<Integer> outstanding = new ArrayList<>();

        Connection(Initiator initiator, int port) {
            this.initiator = initiator;
            this.port = port;
        }
    }

    private final List<Connection> open = new ArrayList<>();
    private int answered;
    private int joined;
    private int broken;

    @Test
    void shouldLeaveNothingWhateverTheOrder() {
        SimWorld.run(1, SEEDS, world -> {
            Bench bench = new Bench(world);
            for (int step = 0; step < STEPS; step++) {
                step(bench, world.random());
            }
            bench.devices.letGo();
            for (Connection connection : open) {
                connection.initiator.close();
            }
            open.clear();
            bench.end();
            assertEquals(0L, count(bench, "failures"), "something threw");
        });
        assertTrue(answered > SEEDS * 5 && joined > SEEDS / 2 && broken > SEEDS, answered + " " + joined + " " + broken);
    }

    private static long count(Bench bench, String name) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (Group group : bench.target.groups()) {
            group.counters().addTo(sums);
        }
        return sums.get(name);
    }

    private void step(Bench bench, SimRandom random) throws Exception {
        int kind = random.below(40);
        if (open.isEmpty() || kind < 2) {
            logIn(bench, random);
            return;
        }
        Connection connection = open.get(random.below(open.size()));
        try {
            switch (kind) {
                case 3 -> join(bench, connection);
                case 4 -> leave(connection);
                case 5 -> bench.devices.holds = !bench.devices.holds;
                case 6 -> bench.devices.letGo();
                case 7 -> changeAccess(bench, random);
                case 8, 9 -> abort(connection);
                default -> {
                    if (kind % 2 == 0) {
                        send(connection, random);
                    } else {
                        take(connection);
                    }
                }
            }
        } catch (IOException e) {
            broken++;
            forget(connection);
        }
    }

    private void forget(Connection connection) throws IOException {
        open.remove(connection);
        connection.initiator.close();
    }

    private void logIn(Bench bench, SimRandom random) throws Exception {
        int port = random.below(PORTS);
        Connection connection = new Connection(bench.initiator(), port);
        connection.initiator.isid = 0x400001370000L + port;
        try {
            Pdu answer = connection.initiator.ask(connection.initiator.login(1, 3, true, "InitiatorName=" + Initiator.NAME,
                "TargetName=" + Bench.NODE, "MaxConnections=2", random.oneIn(2) ? "DataDigest=CRC32C" : "DataDigest=None"));
            if (answer.get(36, 2) == 0) {
                connection.initiator.finish(answer);
                open.add(connection);
                return;
            }
        } catch (IOException e) {
            // What was before it holds commands for longer than this waits.
            broken++;
        }
        connection.initiator.close();
    }

    private void join(Bench bench, Connection first) throws Exception {
        Connection second = new Connection(bench.initiator(), first.port);
        second.initiator.isid = first.initiator.isid;
        second.initiator.tsih = first.initiator.tsih;
        second.initiator.cid = first.initiator.cid + (bench.world.random().oneIn(3) ? 0 : 1);
        second.initiator.cmdSn = first.initiator.cmdSn;
        second.initiator.nextItt = first.initiator.nextItt + 100_000;
        try {
            Pdu answer = second.initiator.ask(second.initiator.login(1, 3, true, "InitiatorName=" + Initiator.NAME,
                "TargetName=" + Bench.NODE));
            if (answer.get(36, 2) == 0) {
                second.initiator.finish(answer);
                open.add(second);
                joined++;
                return;
            }
        } catch (IOException e) {
            broken++;
        }
        second.initiator.close();
    }

    private void leave(Connection connection) throws Exception {
        if (connection.initiator.cmdSn % 2 == 0) {
            connection.initiator.send(Pdu.of(0x46).set(1, 1, 0x81).set(16, 4, 99_999).set(20, 2, connection.initiator.cid)
                .set(24, 4, connection.initiator.cmdSn));
        }
        forget(connection);
        broken++;
    }

    private static void changeAccess(Bench bench, SimRandom random) throws Exception {
        bench.devices.letGo();
        bench.world.background(() -> {
            if (random.oneIn(2)) {
                bench.target.initiators.remove(2, List.of("ANY"), List.of());
                bench.target.initiators.add(2, List.of("ANY"), List.of());
            } else {
                bench.target.nodes.delete(Bench.NODE);
                bench.node(Bench.NODE, 64);
            }
            return null;
        });
    }

    private static void abort(Connection connection) throws IOException {
        int itt = connection.outstanding.isEmpty() ? 4711 : connection.outstanding.getFirst();
        connection.initiator.send(Pdu.of(0x42).set(1, 1, 0x81).set(16, 4, 200_000 + connection.initiator.nextItt++).set(20, 4, itt)
            .set(24, 4, connection.initiator.cmdSn));
    }

    private void send(Connection connection, SimRandom random) throws IOException {
        Initiator initiator = connection.initiator;
        boolean write = random.oneIn(2);
        int blocks = 1 + random.below(40);
        Pdu command = initiator.command(write ? 0x20 : 0x40, blocks * 512, Initiator.cdb10(write ? 0x2a : 0x28, random.below(100), blocks));
        connection.outstanding.add(command.itt());
        initiator.send(write && random.oneIn(2) ? command.data(new byte[512]) : command);
    }

    /** The next PDU, if one comes soon. Data that is asked for is sent, or not. */
    private void take(Connection connection) throws IOException {
        Pdu pdu;
        try {
            pdu = connection.initiator.receive(2);
        } catch (IOException e) {
            if (e.getMessage().startsWith("nothing came")) {
                return;
            }
            throw e;
        }
        if (pdu.opcode() == 0x31) {
            connection.initiator.answer(pdu, new byte[64 * 1024], 8192);
        } else if (pdu.opcode() == 0x21 || pdu.opcode() == 0x25 && (pdu.flags() & 1) != 0) {
            assertTrue(connection.outstanding.remove((Integer) pdu.itt()), () -> "answered twice: " + pdu);
            answered++;
        }
    }
}
