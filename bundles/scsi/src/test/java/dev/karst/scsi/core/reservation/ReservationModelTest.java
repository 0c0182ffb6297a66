package dev.karst.scsi.core.reservation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.scsi.core.reservation.ReservationRequest.Clear;
import dev.karst.scsi.core.reservation.ReservationRequest.Give;
import dev.karst.scsi.core.reservation.ReservationRequest.Move;
import dev.karst.scsi.core.reservation.ReservationRequest.Preempt;
import dev.karst.scsi.core.reservation.ReservationRequest.Register;
import dev.karst.scsi.core.reservation.ReservationRequest.Release;
import dev.karst.scsi.core.reservation.ReservationRequest.Reserve;
import dev.karst.scsi.core.reservation.ReservationRequest.Take;
import dev.karst.spec.scsi.Asc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random requests to the rules, and to a model of them that was written from the standard's text, step by step, with changing maps. */
class ReservationModelTest {
    private static final int STEPS = 200_000;
    private static final int CONFLICT = Outcome.CONFLICT;
    private static final int INVALID = Asc.INVALID_FIELD_IN_PARAMETER_LIST;

    /** The model: SPC-5, 5.14.4 to 5.14.11, as the text goes. */
    private static final class Model {
        private final Map<NexusName, Long> keys = new LinkedHashMap<>();
        private int type;
        private NexusName holder;
        private int generation;
        private NexusName exclusive;

        private boolean isAll() {
            return type == 7 || type == 8;
        }

        private boolean holds(NexusName nexus) {
            return type != 0 && keys.containsKey(nexus) && (isAll() || nexus.equals(holder));
        }

        private boolean knows(NexusName nexus, long key) {
            return keys.containsKey(nexus) && keys.get(nexus) == key;
        }

        private void remove(NexusName nexus) {
            boolean held = holds(nexus);
            keys.remove(nexus);
            if (held && (!isAll() || keys.isEmpty())) {
                type = 0;
                holder = null;
            }
        }

        private void reserve(int newType, NexusName nexus) {
            type = newType;
            holder = isAll() ? null : nexus;
        }

        int register(NexusName nexus, Register request) {
            long expected = keys.getOrDefault(nexus, 0L);
            if (!request.ignoresKey() && request.key() != expected) {
                return CONFLICT;
            }
            if (request.newKey() == 0 && expected == 0) {
                return 0;
            }
            if (request.newKey() == 0) {
                remove(nexus);
            } else {
                keys.put(nexus, request.newKey());
            }
            generation++;
            return 0;
        }

        int preempt(NexusName nexus, Preempt request) {
            if (!knows(nexus, request.key())) {
                return CONFLICT;
            }
            List<NexusName> victims = new ArrayList<>();
            keys.forEach((one, key) -> {
                if (key == request.victims()) {
                    victims.add(one);
                }
            });
            boolean takes = type != 0 && (isAll() ? request.victims() == 0 : victims.contains(holder));
            if (takes) {
                List<NexusName> gone = isAll() ? new ArrayList<>(keys.keySet()) : victims;
                gone.remove(nexus);
                type = 0;
                holder = null;
                gone.forEach(keys::remove);
                reserve(request.type().code, nexus);
            } else if (type != 0 && request.victims() == 0) {
                return INVALID;
            } else if (victims.isEmpty()) {
                return CONFLICT;
            } else {
                victims.forEach(this::remove);
            }
            generation++;
            return 0;
        }

        int move(NexusName nexus, Move request) {
            if (!knows(nexus, request.key()) || !holds(nexus) || isAll()) {
                return CONFLICT;
            } else if (request.newKey() == 0 || request.to().equals(nexus)) {
                return INVALID;
            }
            keys.put(request.to(), request.newKey());
            holder = request.to();
            if (request.unregisters()) {
                keys.remove(nexus);
            }
            generation++;
            return 0;
        }

        int release(NexusName nexus, Release request) {
            if (!knows(nexus, request.key())) {
                return CONFLICT;
            } else if (!holds(nexus)) {
                return 0;
            } else if (type != request.type().code) {
                return Asc.INVALID_RELEASE_OF_PERSISTENT_RESERVATION;
            }
            type = 0;
            holder = null;
            return 0;
        }

        int apply(NexusName nexus, ReservationRequest request) {
            if (request instanceof Take) {
                boolean free = keys.isEmpty() && (exclusive == null || exclusive.equals(nexus));
                exclusive = free ? nexus : exclusive;
                return free ? 0 : CONFLICT;
            } else if (request instanceof Give) {
                exclusive = nexus.equals(exclusive) ? null : exclusive;
                return 0;
            } else if (exclusive != null) {
                return CONFLICT;
            }
            return switch (request) {
                case Register register -> register(nexus, register);
                case Preempt preempt -> preempt(nexus, preempt);
                case Move move -> move(nexus, move);
                case Release release -> release(nexus, release);
                case Reserve reserve -> {
                    if (!knows(nexus, reserve.key()) || type != 0 && (!holds(nexus) || type != reserve.type().code)) {
                        yield CONFLICT;
                    }
                    reserve(reserve.type().code, nexus);
                    yield 0;
                }
                case Clear clear -> {
                    if (!knows(nexus, clear.key())) {
                        yield CONFLICT;
                    }
                    keys.clear();
                    type = 0;
                    holder = null;
                    generation++;
                    yield 0;
                }
                default -> throw new AssertionError(request);
            };
        }
    }

    private static NexusName nexus(SplittableRandom random) {
        return new NexusName("4500000" + random.nextInt(3), 1 + random.nextInt(2));
    }

    private static ReservationRequest request(SplittableRandom random, long mine) {
        ReservationType type = ReservationType.values()[random.nextInt(6)];
        long key = random.nextInt(5) == 0 ? random.nextInt(3) : mine;
        long other = random.nextInt(4);
        return switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> new Register(random.nextBoolean(), key, other, false, List.of(), false);
            case 4, 5, 6 -> new Reserve(type, key);
            case 7, 8 -> new Release(type, key);
            case 9, 10, 11 -> new Preempt(type, key, other, random.nextBoolean());
            case 12 -> new Move(key, other, random.nextBoolean(), false, nexus(random));
            case 13 -> random.nextInt(4) == 0 ? new Clear(key) : new Reserve(type, key);
            case 14 -> new Take();
            default -> new Give();
        };
    }

    @Test
    void shouldDoAsTheModelDoes() {
        var random = new SplittableRandom(7);
        var model = new Model();
        ReservationState state = ReservationState.EMPTY;
        Map<Integer, Integer> verdicts = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            NexusName nexus = nexus(random);
            Registrant mine = state.find(nexus);
            ReservationRequest request = request(random, mine == null ? 0 : mine.key());
            String before = state + " " + nexus + " " + request;
            Outcome outcome = ReservationRules.apply(state, nexus, request, true);
            assertEquals(model.apply(nexus, request), outcome.verdict(), before);
            state = outcome.state();
            verdicts.merge(outcome.verdict(), 1, Integer::sum);
            Map<NexusName, Long> keys = new LinkedHashMap<>();
            state.registrants().forEach(one -> keys.put(one.nexus(), one.key()));
            assertEquals(model.keys, keys, before);
            assertEquals(model.type, state.isReserved() ? state.type().code : 0, before);
            assertEquals(model.holder, state.holder(), before);
            assertEquals(model.generation, state.generation(), before);
            assertEquals(model.exclusive, state.exclusive(), before);
        }
        assertTrue(verdicts.size() == 4 && verdicts.values().stream().allMatch(count -> count > 100), verdicts.toString());
    }
}
