// Who waits for the connection and for each of its channels. An end of theirs is told to the calls that wait and to the
// listeners, in either order: it is an event only if no call has answered, or will answer, with it. A call that waits for
// nothing, such as basic.ack, may be under way when the end comes, and answer with success all the same.
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

final class Waiting {
    static final class Calls {
        private int open;
        private boolean endIsTold;
        private Runnable held;

        synchronized void begin() {
            ++open;
        }

        synchronized void end(boolean withItsEnd) {
            --open;
            endIsTold |= withItsEnd;
            if (open == 0 && held != null) tellEnd(held);
        }

        synchronized void beginAnew() {
            endIsTold = false;
            held = null;
        }

        /** Tells the end as an event, unless a call answers with it. */
        synchronized void tellEnd(Runnable event) {
            held = open > 0 ? event : null;
            if (open == 0 && !endIsTold) event.run();
        }
    }

    private volatile Calls onConnection = new Calls();
    private final Map<Integer, Calls> onChannels = new ConcurrentHashMap<>();

    Calls onConnection() {
        return onConnection;
    }

    Calls onChannel(int number) {
        return onChannels.computeIfAbsent(number, unknown -> new Calls());
    }

    /** Those who waited for the last connection get their answers all the same. */
    Calls onNewConnection() {
        onChannels.clear();
        return onConnection = new Calls();
    }
}
