// Who waits for the connection and for each of its channels. An end of theirs is told to the calls that wait and to the
// listeners, in either order: it is an event only if no call has answered, or will answer, with it.
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

final class Waiting {
    static final class Calls {
        private int open;
        private boolean endIsTold;

        synchronized void begin() {
            ++open;
        }

        synchronized void end(boolean withItsEnd) {
            --open;
            endIsTold |= withItsEnd;
        }

        synchronized void beginAnew() {
            endIsTold = false;
        }

        synchronized boolean unasked() {
            return open == 0 && !endIsTold;
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
