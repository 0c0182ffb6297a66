package dev.karst.reactor;

/**
 * What a reactor has done since it started.
 *
 * @param busyNanos time in rounds that found work
 * @param idleNanos time in rounds that found none, asleep or not
 * @param rounds rounds
 * @param sleeps how often it slept
 * @param messages messages run
 * @param failures rounds in which something threw
 * @param pollers pollers it has
 * @param longestRoundNanos the longest round with work
 */
public record ReactorStatistics(
    long busyNanos, long idleNanos, long rounds, long sleeps, long messages, long failures, int pollers,
    long longestRoundNanos) {}
