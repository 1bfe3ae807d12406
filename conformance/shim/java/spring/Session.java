// The connection of a shim, its channels by the harness's numbers, and what is heard of them unasked.
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.ChannelListener;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionListener;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

final class Session {
    private final Waiting waiting;
    private final Map<Integer, TemplateChannel> channels = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> numbers = new ConcurrentHashMap<>(); // The connection's -> the harness's.
    final Consumers consumers = new Consumers(this);
    private volatile CachingConnectionFactory factory;
    private volatile Channel created;

    Session(Waiting waiting) {
        this.waiting = waiting;
    }

    Map<String, Object> connect(Arguments it) throws Unsupported {
        if (it.has("blocked_timeout"))
            throw new Unsupported("Spring has no limit for the time a connection is blocked");
        drop();
        CachingConnectionFactory made = factory(it);
        Connection connection = made.createConnection();
        Waiting.Calls calls = waiting.onNewConnection();
        made.addConnectionListener(new EndOfConnection(made, calls));
        made.addChannelListener(new Channels());
        connection.addBlockedListener(new BlockedListener() {
            @Override
            public void handleBlocked(String reason) {
                Json.event("connection.blocked", Json.map("reason", reason));
            }

            @Override
            public void handleUnblocked() {
                Json.event("connection.unblocked", Map.of());
            }
        });
        factory = made;
        com.rabbitmq.client.Connection negotiated = connection.getDelegate();
        return Json.map("channel_max", negotiated.getChannelMax(), "frame_max", negotiated.getFrameMax(), "heartbeat",
            negotiated.getHeartbeat(), "server_properties", Json.toJson(negotiated.getServerProperties()));
    }

    private static CachingConnectionFactory factory(Arguments it) {
        var made = new CachingConnectionFactory(it.text("host"), it.number("port", -1));
        made.setUsername(it.text("user"));
        made.setPassword(it.text("password"));
        made.setVirtualHost(it.text("vhost"));
        made.setPublisherReturns(true);
        made.setConnectionTimeout((int) it.milliseconds("timeout", 10));
        com.rabbitmq.client.ConnectionFactory below = made.getRabbitConnectionFactory();
        below.setHandshakeTimeout((int) it.milliseconds("timeout", 10));
        if (it.has("heartbeat")) made.setRequestedHeartBeat(it.number("heartbeat"));
        if (it.has("channel_max")) below.setRequestedChannelMax(it.number("channel_max"));
        if (it.has("frame_max")) below.setRequestedFrameMax(it.number("frame_max"));
        return made;
    }

    CachingConnectionFactory opened() {
        CachingConnectionFactory now = factory;
        if (now == null) throw new AlreadyClosedException(new ShutdownSignalException(true, true, null, this));
        return now;
    }

    void close() {
        opened();
        drop();
    }

    void drop() {
        CachingConnectionFactory dropped = factory;
        factory = null;
        channels.clear();
        numbers.clear();
        consumers.forget();
        if (dropped != null) dropped.destroy();
    }

    /** The channel of this number, opened if it is not. */
    TemplateChannel channel(int number) throws Exception {
        opened();
        TemplateChannel open = channels.get(number);
        return open == null ? openChannel(number, ConfirmType.NONE, Modes.PLAIN) : open;
    }

    /**
     * In the place of what has the number, which lives on without it. Confirms are a matter of the factory, of which
     * there is one here.
     */
    synchronized TemplateChannel openChannel(int number, ConfirmType confirms, TemplateChannel.Scope scope)
        throws Exception {
        CachingConnectionFactory now = opened();
        waiting.onChannel(number).beginAnew();
        var made = new TemplateChannel(now, confirms == ConfirmType.CORRELATED, scope,
            target -> numbers.put(target.getChannelNumber(), number));
        made.template.setReturnsCallback(returned ->
            Json.event("basic.return", Messages.told(returned.getMessage(), "channel", number, "reply_code",
                returned.getReplyCode(), "reply_text", returned.getReplyText(), "exchange", returned.getExchange(),
                "routing_key", returned.getRoutingKey())));
        now.setPublisherConfirmType(confirms);
        try {
            made.open();
        } finally {
            now.setPublisherConfirmType(ConfirmType.NONE);
        }
        channels.put(number, made);
        return made;
    }

    /** With returns the factory keeps a channel for five seconds before it closes it; here none are on their way. */
    synchronized void closeChannel(int number) throws InterruptedException {
        TemplateChannel closed = channels.remove(number);
        if (closed == null) return;
        opened().setPublisherReturns(false);
        try {
            closed.close();
        } finally {
            opened().setPublisherReturns(true);
        }
    }

    /** The channel that was created last: the one of a container that has just been started. */
    Channel channelOfContainer(int number) {
        Channel it = created;
        if (it != null) numbers.put(it.getChannelNumber(), number);
        return it;
    }

    private final class EndOfConnection implements ConnectionListener {
        private final CachingConnectionFactory its;
        private final Waiting.Calls calls;
        private final AtomicBoolean told = new AtomicBoolean(); // It is told of every channel, too.

        EndOfConnection(CachingConnectionFactory its, Waiting.Calls calls) {
            this.its = its;
            this.calls = calls;
        }

        @Override
        public void onCreate(Connection connection) {}

        @Override
        public void onShutDown(ShutdownSignalException signal) {
            if (signal.isInitiatedByApplication() || its != factory || told.getAndSet(true)) return;
            calls.tellEnd(() -> Json.event("connection.close", Errors.described(signal, false)));
        }
    }

    private final class Channels implements ChannelListener {
        @Override
        public void onCreate(Channel channel, boolean transactional) {
            created = channel;
        }

        @Override
        public void onShutDown(ShutdownSignalException signal) {
            Integer number = numbers.get(((Channel) signal.getReference()).getChannelNumber());
            if (number == null || signal.isInitiatedByApplication()) return;
            Map<String, Object> error = Errors.described(signal, false);
            waiting.onChannel(number).tellEnd(() -> Json.event("channel.close",
                Json.map("channel", number, "code", error.get("code"), "text", error.get("text"))));
        }
    }
}
