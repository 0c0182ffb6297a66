package dev.karst.bdev.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.FaultyModule.Fault;
import dev.karst.rpc.ConfigSource.Call;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** The contract, held against modules with a bug each: it finds them all, and nothing in the one without. */
class ContractFindsBugsTest {
    private static final Map<Fault, ThrowingConsumer<BdevModuleContract>> FOUND_BY = Map.ofEntries(
        Map.entry(Fault.LOSES_A_WRITE, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.WRITES_THE_NEXT_BLOCK, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.WRITES_BESIDE_THE_BUFFER, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.COMPLETES_BEFORE_IT_COPIES, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.ZEROES_ONE_BLOCK_LESS, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.COMPLETES_TWICE, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.REFUSES_AND_COMPLETES, BdevModuleContract::shouldGiveWhatWasWrittenWhenIoIsRandom),
        Map.entry(Fault.SWALLOWS_AN_IO, BdevModuleContract::shouldEndEveryIoOnceWhenOverloaded),
        Map.entry(Fault.UNMAP_KEEPS_DATA, BdevModuleContract::shouldReadZeroesWhenZeroedOrUnmapped),
        Map.entry(Fault.FORGETS_WHEN_PARKED, BdevModuleContract::shouldKeepDataWhenModuleIsReplaced),
        Map.entry(Fault.LEAKS_MEMORY, BdevModuleContract::shouldLeaveNothingBehindWhenDeleted),
        Map.entry(Fault.ALLOCATES_NOW_AND_THEN, BdevModuleContract::shouldAllocateNothingWhenIoRunsOnTheMachine));

    /** The contract of a module with a bug. */
    private static final class Of extends BdevModuleContract {
        private final Fault fault;

        Of(Fault fault) {
            this.fault = fault;
        }

        @Override
        protected BdevModule newModule() {
            return new FaultyModule(fault);
        }

        @Override
        protected Call creation(String name) {
            return new Call("faulty_create", Map.of("name", name));
        }

        @Override
        protected String deletion() {
            return "faulty_delete";
        }

        @Override
        protected int seeds() {
            return 5;
        }
    }

    @TestFactory
    Iterable<DynamicTest> shouldFailWhenModuleHasBug() {
        return FOUND_BY.entrySet().stream()
            .map(entry -> DynamicTest.dynamicTest(entry.getKey().name(), () -> assertThrows(
                AssertionError.class, () -> entry.getValue().accept(new Of(entry.getKey())), entry.getKey() + " not found")))
            .toList();
    }

    @TestFactory
    Iterable<DynamicTest> shouldPassWhenModuleHasNone() {
        return FOUND_BY.values().stream().distinct()
            .map(check -> DynamicTest.dynamicTest("without a bug", () -> check.accept(new Of(Fault.NONE))))
            .toList();
    }
}
