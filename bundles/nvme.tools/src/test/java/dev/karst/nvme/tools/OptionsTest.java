package dev.karst.nvme.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    private static final String ID = "trtype:PCIe traddr:0000:00:10.0";

    private static Options parse(String... arguments) throws StorageException {
        return Options.parse(arguments);
    }

    @Test
    void shouldTakeWhatIsUsualWhenOnlyTheControllerIsSaid() throws StorageException {
        Options options = parse("-r", ID);
        assertEquals(new Load.Pattern(32, 4096, true, 100), options.pattern());
        assertEquals("0000:00:10.0", options.id().address());
        assertEquals(10, options.seconds());
    }

    @Test
    void shouldMixAsToldWhenThePatternIsBoth() throws StorageException {
        assertEquals(new Load.Pattern(8, 512, false, 70), parse("-r", ID, "-w", "rw", "-M", "70", "-q", "8", "-o", "512").pattern());
        assertEquals(new Load.Pattern(32, 4096, true, 0), parse("-r", ID, "-w", "randwrite").pattern());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-q", "-q x", "-q -1", "-q 5000", "-w randerase", "-x", "-t 1 extra"})
    void shouldRefuseWithItsUsageWhenAnArgumentMakesNoSense(String arguments) {
        String[] all = ("-r|" + ID + "|" + arguments.replace(' ', '|')).split("\\|");
        StorageException refused = assertThrows(StorageException.class, () -> parse(all));
        assertTrue(refused.getMessage().contains("nvme-perf -r"), refused.getMessage());
    }

    @Test
    void shouldRefuseWhenTheControllerIsMissing() {
        assertThrows(StorageException.class, () -> parse("-q", "1"));
    }
}
