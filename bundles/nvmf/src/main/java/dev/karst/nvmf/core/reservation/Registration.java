package dev.karst.nvmf.core.reservation;

import java.util.UUID;

/**
 * A host that is registered, through however many controllers.
 *
 * @param host its identifier
 * @param key its reservation key
 */
public record Registration(UUID host, long key) {}
