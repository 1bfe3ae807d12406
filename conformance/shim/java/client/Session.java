// The connection of a shim, its channels by the harness's numbers, and what is heard of them unasked.
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

final class Session {
    /** A channel, and what its publications need to know. */
    static final class Held {
        final Channel channel;
        volatile boolean confirms;
        volatile boolean returned;

        Held(Channel channel) {
            this.channel = channel;
        }
    }

    private final Waiting waiting;
    private final Map<Integer, Held> channels = new ConcurrentHashMap<>();
    private volatile Connection connection;

    Session(Waiting waiting) {
        this.waiting = waiting;
    }

    Map<String, Object> connect(Arguments it) throws Exception {
        if (it.has("blocked_timeout"))
            throw new Unsupported("the Java client has no limit for the time a connection is blocked");
        drop();
        Connection made = factory(it).newConnection();
        Waiting.Calls calls = waiting.onNewConnection();
        made.addShutdownListener(cause -> {
            if (!cause.isInitiatedByApplication() && made == connection)
                calls.tellEnd(() -> Json.event("connection.close", Errors.described(cause, false)));
        });
        made.addBlockedListener(new BlockedListener() {
            @Override
            public void handleBlocked(String reason) {
                Json.event("connection.blocked", Json.map("reason", reason));
            }

            @Override
            public void handleUnblocked() {
                Json.event("connection.unblocked", Map.of());
            }
        });
        connection = made;
        return Json.map("channel_max", made.getChannelMax(), "frame_max", made.getFrameMax(), "heartbeat",
            made.getHeartbeat(), "server_properties", Json.toJson(made.getServerProperties()));
    }

    private static ConnectionFactory factory(Arguments it) {
        var factory = new ConnectionFactory();
        factory.setHost(it.text("host"));
        factory.setPort(it.number("port", ConnectionFactory.USE_DEFAULT_PORT));
        factory.setUsername(it.text("user"));
        factory.setPassword(it.text("password"));
        factory.setVirtualHost(it.text("vhost"));
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setConnectionTimeout((int) it.milliseconds("timeout", 10));
        factory.setHandshakeTimeout((int) it.milliseconds("timeout", 10));
        if (it.has("heartbeat")) factory.setRequestedHeartbeat(it.number("heartbeat"));
        if (it.has("channel_max")) factory.setRequestedChannelMax(it.number("channel_max"));
        if (it.has("frame_max")) factory.setRequestedFrameMax(it.number("frame_max"));
        return factory;
    }

    private Connection opened() {
        Connection now = connection;
        if (now == null) throw new AlreadyClosedException(new ShutdownSignalException(true, true, null, this));
        return now;
    }

    void close() throws IOException {
        Connection closing = opened();
        forget();
        closing.close();
    }

    void drop() throws IOException {
        Connection dropped = connection;
        forget();
        if (dropped != null && dropped.isOpen()) dropped.close();
    }

    private void forget() {
        connection = null;
        channels.clear();
    }

    /** The channel of this number, opened if it is not. */
    Held channel(int number) throws Exception {
        opened();
        Held held = channels.get(number);
        return held == null ? openChannel(number) : held;
    }

    Held openChannel(int number) throws Exception {
        Channel made = opened().createChannel();
        if (made == null) throw new Refused("other", "createChannel returned null: no channel is available");
        Waiting.Calls calls = waiting.onChannel(number);
        calls.beginAnew();
        var held = new Held(made);
        made.addShutdownListener(cause -> {
            if (cause.isHardError() || cause.isInitiatedByApplication()) return;
            Map<String, Object> error = Errors.described(cause, false);
            calls.tellEnd(() -> Json.event("channel.close",
                Json.map("channel", number, "code", error.get("code"), "text", error.get("text"))));
        });
        made.addReturnListener((code, text, exchange, key, properties, body) -> {
            held.returned = true;
            Json.event("basic.return", Messages.told(properties, body, "channel", number, "reply_code", code,
                "reply_text", text, "exchange", exchange, "routing_key", key));
        });
        channels.put(number, held);
        return held;
    }
}
