// A client under test: the RabbitMQ Java client, driven by JSON lines (see README.md in the folder above).
//
// Every request runs in a thread of its own; events come on the threads of the connection. A shutdown is told to the call
// that waits and to the listeners, in either order: it is an event only if no call has answered, or will answer, with it.
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.MissedHeartbeatException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ProtocolVersionMismatchException;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.UnexpectedFrameError;
import com.rabbitmq.client.UnknownClassOrMethodId;
import com.rabbitmq.client.impl.ClientVersion;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

public final class Shim {
    private static final class Unsupported extends Exception {
        private static final long serialVersionUID = 1;

        Unsupported(String why) {
            super(why);
        }
    }

    /** What the broker did to a publication; the library has a value for it and no exception. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final String kind;

        Refused(String kind, String text) {
            super(text);
            this.kind = kind;
        }
    }

    private interface Operation {
        Map<String, Object> run(Request request) throws Exception;
    }

    private interface OnChannel {
        Map<String, Object> run(Channel channel, Request request) throws Exception;
    }

    /** Who waits for the connection or a channel, and whether its end is told. */
    private static final class Waiting {
        private int calls;
        private boolean told;

        synchronized void begin() {
            ++calls;
        }

        synchronized void end(boolean withItsEnd) {
            --calls;
            told |= withItsEnd;
        }

        synchronized boolean unasked() {
            return calls == 0 && !told;
        }
    }

    private final Map<String, Operation> operations = new TreeMap<>();
    private final Map<Integer, Channel> channels = new ConcurrentHashMap<>();
    private final Map<Integer, Waiting> waiting = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> returns = new ConcurrentHashMap<>();
    private final Map<Integer, Boolean> confirming = new ConcurrentHashMap<>();
    private volatile Waiting waitingForConnection = new Waiting();
    private volatile Connection connection;

    public static void main(String[] arguments) throws Exception {
        new Shim().run();
    }

    private Shim() {
        operations.put("connect", this::connect);
        operations.put("close", request -> close());
        operations.put("channel.open", request -> {
            openChannel(request.channel());
            return Map.of();
        });
        operations.put("wait", request -> {
            Thread.sleep(request.number("seconds", 0) * 1000L);
            return Map.of();
        });
        addChannelOperations();
        addBasicOperations();
    }

    private void run() throws Exception {
        Json.say("hello", Json.map("contract", 1, "library", "rabbitmq-java-client", "version", ClientVersion.VERSION,
            "language", "java " + System.getProperty("java.version"), "operations", operations.keySet()));
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonObject request = JsonParser.parseString(line).getAsJsonObject();
            new Thread(() -> workOn(request)).start();
        }
        dropConnection();
        System.exit(0);
    }

    private void workOn(JsonObject line) {
        var request = new Request(line.has("with") ? line.getAsJsonObject("with") : new JsonObject());
        Object id = line.get("id").getAsLong();
        String name = line.get("op").getAsString();
        Waiting onConnection = waitingForConnection;
        Waiting onChannel = waiting.computeIfAbsent(request.channel(), number -> new Waiting());
        onConnection.begin();
        onChannel.begin();
        Map<String, Object> answer = new LinkedHashMap<>(Map.of("id", id));
        boolean ended = false;
        try {
            Operation operation = operations.get(name);
            if (operation == null) throw new Unsupported("this shim has no operation " + name);
            answer.put("result", operation.run(request));
        } catch (Unsupported refusal) {
            answer.put("unsupported", refusal.getMessage());
        } catch (Refused | IOException | TimeoutException | ShutdownSignalException | IllegalArgumentException error) {
            Map<String, Object> told = described(error, name.equals("connect"));
            ended = !told.get("kind").equals("invalid_argument");
            answer.put("error", told);
        } catch (Throwable defect) { // The end of the program, for a client library a finding.
            defect.printStackTrace();
            System.exit(1);
        }
        // Before the answer: what ends from then on is an event.
        onChannel.end(ended);
        onConnection.end(ended);
        Json.say(answer);
    }

    // --- errors ------------------------------------------------------------------------------------------------------

    private static Map<String, Object> described(Throwable error, boolean connecting) {
        ShutdownSignalException signal = find(ShutdownSignalException.class, error);
        if (signal != null && !signal.isInitiatedByApplication() && !(error instanceof AlreadyClosedException)) {
            Method reason = signal.getReason();
            if (reason instanceof AMQP.Channel.Close)
                return error("channel_closed", ((AMQP.Channel.Close) reason).getReplyCode(),
                    ((AMQP.Channel.Close) reason).getReplyText());
            if (reason instanceof AMQP.Connection.Close)
                return error("connection_closed", ((AMQP.Connection.Close) reason).getReplyCode(),
                    ((AMQP.Connection.Close) reason).getReplyText());
        }
        return error(kindOf(error, connecting), find(AuthenticationFailureException.class, error) == null ? null : 403,
            String.valueOf(error));
    }

    private static String kindOf(Throwable error, boolean connecting) {
        if (error instanceof Refused) return ((Refused) error).kind;
        if (error instanceof AlreadyClosedException) return "wrong_state";
        if (find(PossibleAuthenticationFailureException.class, error) != null) return "authentication_failed";
        if (find(ProtocolVersionMismatchException.class, error) != null
            || find(MalformedFrameException.class, error) != null || find(UnexpectedFrameError.class, error) != null
            || find(UnknownClassOrMethodId.class, error) != null) return "protocol_error";
        if (find(TimeoutException.class, error) != null) return "timeout";
        if (find(MissedHeartbeatException.class, error) != null) return "connection_lost";
        if (find(SocketException.class, error) != null || find(EOFException.class, error) != null)
            return connecting ? "connection_refused" : "connection_lost";
        if (find(java.net.SocketTimeoutException.class, error) != null) return "timeout";
        if (error instanceof IllegalArgumentException) return "invalid_argument";
        return find(ShutdownSignalException.class, error) != null ? "protocol_error" : "other";
    }

    private static <Kind extends Throwable> Kind find(Class<Kind> kind, Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause())
            if (kind.isInstance(cause)) return kind.cast(cause);
        return null;
    }

    private static Map<String, Object> error(String kind, Integer code, String text) {
        return Json.map("kind", kind, "code", code, "text", text);
    }

    // --- connection and channel --------------------------------------------------------------------------------------

    private Map<String, Object> connect(Request request) throws Exception {
        if (request.has("blocked_timeout"))
            throw new Unsupported("the Java client has no limit for the time a connection is blocked");
        dropConnection();
        var factory = new ConnectionFactory();
        factory.setHost(request.text("host", null));
        factory.setPort(request.number("port", 0));
        factory.setUsername(request.text("user", null));
        factory.setPassword(request.text("password", null));
        factory.setVirtualHost(request.text("vhost", null));
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setConnectionTimeout(1000 * request.number("timeout", 10));
        factory.setHandshakeTimeout(1000 * request.number("timeout", 10));
        if (request.has("heartbeat")) factory.setRequestedHeartbeat(request.number("heartbeat", 0));
        if (request.has("channel_max")) factory.setRequestedChannelMax(request.number("channel_max", 0));
        if (request.has("frame_max")) factory.setRequestedFrameMax(request.number("frame_max", 0));
        Connection made = factory.newConnection();
        var mine = new Waiting();
        made.addShutdownListener(cause -> {
            if (!cause.isInitiatedByApplication() && made == connection && mine.unasked())
                Json.event("connection.close", described(cause, false));
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
        waitingForConnection = mine;
        connection = made;
        return Json.map("channel_max", made.getChannelMax(), "frame_max", made.getFrameMax(), "heartbeat",
            made.getHeartbeat(), "server_properties", Json.toJson(made.getServerProperties()));
    }

    private Connection opened() throws IOException {
        Connection now = connection;
        if (now == null) throw new AlreadyClosedException(new ShutdownSignalException(true, true, null, this));
        return now;
    }

    private Map<String, Object> close() throws IOException {
        Connection closing = opened();
        forget();
        closing.close();
        return Map.of();
    }

    private void forget() {
        connection = null;
        channels.clear();
        waiting.clear();
        confirming.clear();
    }

    private void dropConnection() throws IOException {
        Connection dropped = connection;
        forget();
        if (dropped != null && dropped.isOpen()) dropped.close();
    }

    private Channel openChannel(int number) throws Exception {
        Channel made = opened().createChannel();
        if (made == null) throw new Refused("other", "createChannel returned null: no channel is available");
        waiting.get(number).told = false;
        made.addShutdownListener(cause -> {
            Waiting asking = waiting.get(number);
            if (!cause.isHardError() && !cause.isInitiatedByApplication() && (asking == null || asking.unasked())) {
                Map<String, Object> told = described(cause, false);
                Json.event("channel.close", Json.map("channel", number, "code", told.get("code"), "text", told.get("text")));
            }
        });
        made.addReturnListener((code, text, exchange, key, properties, body) -> {
            returns.merge(number, 1, Integer::sum);
            Json.event("basic.return", Json.content(properties, body, "channel", number, "reply_code", code, "reply_text",
                text, "exchange", exchange, "routing_key", key));
        });
        channels.put(number, made);
        confirming.remove(number);
        return made;
    }

    private void on(String name, OnChannel operation) {
        operations.put(name, request -> {
            opened();
            Channel channel = channels.get(request.channel());
            Map<String, Object> result =
                operation.run(channel == null ? openChannel(request.channel()) : channel, request);
            return result == null ? Map.of() : result;
        });
    }

    private interface Plain {
        Object run(Channel channel, Request request) throws Exception;
    }

    /** For calls whose answer says nothing. */
    private void plain(String name, Plain operation) {
        on(name, (channel, request) -> {
            operation.run(channel, request);
            return null;
        });
    }

    private void addChannelOperations() {
        on("channel.close", (channel, request) -> {
            channel.close();
            return null;
        });
        on("confirm.select", (channel, request) -> {
            channel.confirmSelect();
            confirming.put(request.channel(), true);
            return null;
        });
        on("confirm.asynchronous", (channel, request) -> {
            channel.addConfirmListener(new ConfirmListener() {
                @Override
                public void handleAck(long tag, boolean multiple) {
                    confirmed("basic.ack", request.channel(), tag, multiple);
                }

                @Override
                public void handleNack(long tag, boolean multiple) {
                    confirmed("basic.nack", request.channel(), tag, multiple);
                }
            });
            channel.confirmSelect();
            return null;
        });
        plain("tx.select", (channel, request) -> channel.txSelect());
        plain("tx.commit", (channel, request) -> channel.txCommit());
        plain("tx.rollback", (channel, request) -> channel.txRollback());
        on("exchange.declare", Shim::declareExchange);
        plain("exchange.delete", (channel, it) -> channel.exchangeDelete(it.text("exchange", ""), it.flag("if_unused")));
        plain("exchange.bind", (channel, it) -> channel.exchangeBind(it.text("destination", ""), it.text("source", ""),
            it.text("routing_key", ""), it.table("arguments")));
        plain("exchange.unbind", (channel, it) -> channel.exchangeUnbind(it.text("destination", ""),
            it.text("source", ""), it.text("routing_key", ""), it.table("arguments")));
        on("queue.declare", (channel, it) -> {
            AMQP.Queue.DeclareOk ok = it.flag("passive") ? channel.queueDeclarePassive(it.text("queue", ""))
                : channel.queueDeclare(it.text("queue", ""), it.flag("durable"), it.flag("exclusive"),
                    it.flag("auto_delete"), it.table("arguments"));
            return Json.map("queue", ok.getQueue(), "message_count", ok.getMessageCount(), "consumer_count",
                ok.getConsumerCount());
        });
        plain("queue.bind", (channel, it) -> channel.queueBind(it.text("queue", ""), it.text("exchange", ""),
            it.text("routing_key", ""), it.table("arguments")));
        plain("queue.unbind", (channel, it) -> channel.queueUnbind(it.text("queue", ""), it.text("exchange", ""),
            it.text("routing_key", ""), it.table("arguments")));
        on("queue.purge", (channel, it) ->
            Json.map("message_count", channel.queuePurge(it.text("queue", "")).getMessageCount()));
        on("queue.delete", (channel, it) -> Json.map("message_count",
            channel.queueDelete(it.text("queue", ""), it.flag("if_unused"), it.flag("if_empty")).getMessageCount()));
    }

    private static void confirmed(String name, int channel, long tag, boolean multiple) {
        Json.event(name, Json.map("channel", channel, "delivery_tag", tag, "multiple", multiple));
    }

    private static Map<String, Object> declareExchange(Channel channel, Request it) throws IOException {
        if (it.flag("passive")) {
            channel.exchangeDeclarePassive(it.text("exchange", ""));
        } else {
            channel.exchangeDeclare(it.text("exchange", ""), it.text("type", "direct"), it.flag("durable"),
                it.flag("auto_delete"), it.flag("internal"), it.table("arguments"));
        }
        return null;
    }

    // --- basic -------------------------------------------------------------------------------------------------------

    private void addBasicOperations() {
        on("basic.qos", (channel, it) -> {
            channel.basicQos(it.number("prefetch_size", 0), it.number("prefetch_count", 0), it.flag("global"));
            return null;
        });
        on("basic.publish", this::publish);
        on("basic.consume", Shim::consume);
        on("basic.cancel", (channel, it) -> {
            channel.basicCancel(it.text("consumer_tag", ""));
            return null;
        });
        on("basic.get", (channel, it) -> {
            GetResponse got = channel.basicGet(it.text("queue", ""), it.flag("auto_ack"));
            return Json.map("message", got == null ? null : Json.content(got.getProps(), got.getBody(),
                "message_count", got.getMessageCount(), "delivery_tag", got.getEnvelope().getDeliveryTag(),
                "redelivered", got.getEnvelope().isRedeliver(), "exchange", got.getEnvelope().getExchange(),
                "routing_key", got.getEnvelope().getRoutingKey()));
        });
        on("basic.ack", (channel, it) -> {
            channel.basicAck(it.tag(), it.flag("multiple"));
            return null;
        });
        on("basic.nack", (channel, it) -> {
            channel.basicNack(it.tag(), it.flag("multiple"), !it.has("requeue") || it.flag("requeue"));
            return null;
        });
        on("basic.reject", (channel, it) -> {
            channel.basicReject(it.tag(), !it.has("requeue") || it.flag("requeue"));
            return null;
        });
        plain("basic.recover", (channel, it) -> channel.basicRecover(it.flag("requeue")));
    }

    private Map<String, Object> publish(Channel channel, Request it) throws Exception {
        returns.remove(it.channel());
        channel.basicPublish(it.text("exchange", ""), it.text("routing_key", ""), it.flag("mandatory"),
            Json.properties(it.properties()), it.body());
        if (!confirming.getOrDefault(it.channel(), false)) return null;
        if (!channel.waitForConfirms()) throw new Refused("nacked", "waitForConfirms returned false");
        if (returns.containsKey(it.channel())) throw new Refused("returned", "the return listener was called");
        return Json.map("confirmed", true);
    }

    private static Map<String, Object> consume(Channel channel, Request it) throws IOException {
        String tag = channel.basicConsume(it.text("queue", ""), it.flag("auto_ack"), it.text("consumer_tag", ""),
            it.flag("no_local"), it.flag("exclusive"), it.table("arguments"), new DefaultConsumer(channel) {
                @Override
                public void handleDelivery(
                    String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body
                ) {
                    Json.event("basic.deliver", Json.content(properties, body, "channel", it.channel(), "consumer_tag",
                        tag, "delivery_tag", envelope.getDeliveryTag(), "redelivered", envelope.isRedeliver(),
                        "exchange", envelope.getExchange(), "routing_key", envelope.getRoutingKey()));
                }

                @Override
                public void handleCancel(String tag) {
                    Json.event("basic.cancel", Json.map("channel", it.channel(), "consumer_tag", tag));
                }
            });
        return Json.map("consumer_tag", tag);
    }
}
