/**
 * The reactors of a running process, stepped on one thread by a seed, with the whole world around them: {@code SimWorld}
 * is what a test makes.
 */
package dev.karst.reactor.sim;
