package dev.karst.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An intrusive queue from many producers to one consumer, first in, first out. It allocates nothing and is never full:
 * its links are in the nodes. A node is in at most one queue at a time. After D. Vyukov's intrusive MPSC queue.
 */
public final class MpscQueue<N extends MpscQueue.Node> {
    /** What can stand in a queue. */
    public static class Node {
        private Node next;
    }

    private static final VarHandle NEXT;
    private static final VarHandle TAIL;

    static {
        try {
            var lookup = MethodHandles.lookup();
            NEXT = lookup.findVarHandle(Node.class, "next", Node.class);
            TAIL = lookup.findVarHandle(MpscQueue.class, "tail", Node.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Node stub = new Node();
    /** The last node, where producers append. */
    private Node tail = stub;
    /** The next node to come out; the consumer's own. */
    private Node head = stub;

    /** Appends; any thread. */
    public void push(N node) {
        append(node);
    }

    private void append(Node node) {
        NEXT.set(node, null);
        Node before = (Node) TAIL.getAndSet(this, node);
        NEXT.setRelease(before, node);
    }

    /**
     * The oldest node, or null when there is none. While a producer is between its two steps the nodes behind it are not
     * yet seen, and null is given too; the producer is then about to wake the consumer. Consumer only.
     */
    @SuppressWarnings("unchecked")
    public N pop() {
        Node first = head;
        Node next = (Node) NEXT.getAcquire(first);
        if (first == stub) {
            if (next == null) {
                return null;
            }
            head = next;
            first = next;
            next = (Node) NEXT.getAcquire(first);
        }
        if (next == null) {
            if (first != (Node) TAIL.getAcquire(this)) {
                return null;
            }
            append(stub);
            next = (Node) NEXT.getAcquire(first);
            if (next == null) {
                return null;
            }
        }
        head = next;
        return (N) first;
    }

    /** Whether nothing has been pushed that was not popped. Consumer only; exact once producers have finished their push. */
    public boolean isEmpty() {
        return head == stub && (Node) TAIL.getVolatile(this) == stub;
    }
}
