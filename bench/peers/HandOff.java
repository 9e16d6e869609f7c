// SPDX-License-Identifier: Apache-2.0
// Hand-off through the LMAX Disruptor: one producer, one consumer, both spinning, payloads copied in.
// Prints "SIZE p50_ns p99_ns million_per_s" for 64 and 256 bytes.
import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.nio.ByteBuffer;
import java.util.Arrays;

public final class HandOff {
    static final int SLOTS = 8192;
    static final int TRIPS = 60_000;
    static final long MESSAGES = 1_000_000;

    static final class Event {
        final byte[] bytes;
        Event(int size) { bytes = new byte[size]; }
    }

    static RingBuffer<Event> ring(int size) {
        return RingBuffer.createSingleProducer(() -> new Event(size), SLOTS, new BusySpinWaitStrategy());
    }

    static BatchEventProcessor<Event> start(RingBuffer<Event> ring, EventHandler<Event> handler) {
        var processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), handler);
        ring.addGatingSequences(processor.getSequence());
        var thread = new Thread(processor);
        thread.setDaemon(true);
        thread.start();
        return processor;
    }

    static void publish(RingBuffer<Event> ring, byte[] payload) {
        long at = ring.next();
        System.arraycopy(payload, 0, ring.get(at).bytes, 0, payload.length);
        ring.publish(at);
    }

    static volatile long seen;
    static long sum;

    static long[] roundTrips(int size) {
        var there = ring(size);
        var back = ring(size);
        var source = ByteBuffer.allocate(size);
        var taken = new Sequence(-1); // this thread is the consumer of the answers
        back.addGatingSequences(taken);
        var pong = start(there, (event, at, last) -> publish(back, event.bytes));
        long[] times = new long[TRIPS];
        for (int i = 0; i < TRIPS; i++) {
            long start = System.nanoTime();
            source.putLong(0, i);
            publish(there, source.array());
            while (back.getCursor() < i) { Thread.onSpinWait(); }
            if (ByteBuffer.wrap(back.get(i).bytes).getLong(0) != i) { throw new IllegalStateException("a wrong answer"); }
            taken.set(i);
            times[i] = System.nanoTime() - start;
        }
        pong.halt();
        long[] warm = Arrays.copyOfRange(times, TRIPS / 3, TRIPS);
        Arrays.sort(warm);
        return warm;
    }

    static double throughput(int size) {
        var ring = ring(size);
        var source = ByteBuffer.allocate(size);
        seen = 0;
        sum = 0;
        var processor = start(ring, (event, at, last) -> {
            sum += ByteBuffer.wrap(event.bytes).getLong(0);
            if (last) { seen = at + 1; }
        });
        long start = System.nanoTime();
        for (long i = 0; i < MESSAGES; i++) {
            source.putLong(0, i);
            publish(ring, source.array());
        }
        while (seen != MESSAGES) { Thread.onSpinWait(); }
        double seconds = (System.nanoTime() - start) / 1e9;
        processor.halt();
        if (sum != MESSAGES * (MESSAGES - 1) / 2) { throw new IllegalStateException("a message was lost"); }
        return MESSAGES / seconds / 1e6;
    }

    public static void main(String[] arguments) {
        for (int size : new int[] {64, 256}) {
            throughput(size); // warm
            long[] trips = roundTrips(size);
            System.out.printf("%d %d %d %.2f%n", size, trips[trips.length / 2],
                trips[(int) (trips.length * 0.99)], throughput(size));
        }
    }
}
