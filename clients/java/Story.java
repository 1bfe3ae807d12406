// The story with the Java client: callbacks on the connection's threads, automatic recovery with its topology.
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.Recoverable;
import com.rabbitmq.client.RecoveryListener;
import com.rabbitmq.client.Return;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

public final class Story {
    private static final int MESSAGES = 100;
    private static final int PREFETCH = 10;
    private static final int PATIENCE = 5_000;

    private final String events;
    private final String work;
    private final String dead;
    private final String rpc;
    private final Connection connection;
    private Channel channel;

    private record Delivery(Envelope envelope, AMQP.BasicProperties properties, String body) {}

    /** A consumer that hands over what comes. */
    private static final class Arrivals extends DefaultConsumer {
        private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();

        Arrivals(Channel channel) {
            super(channel);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            deliveries.add(new Delivery(envelope, properties, text(body)));
        }

        Delivery next() throws InterruptedException {
            Delivery delivery = deliveries.poll(PATIENCE, TimeUnit.MILLISECONDS);
            expect(delivery != null, "nothing came in " + PATIENCE + " ms");
            return delivery;
        }
    }

    private Story(String url, String prefix) throws Exception {
        events = prefix + ".events";
        work = prefix + ".work";
        dead = prefix + ".dead";
        rpc = prefix + ".rpc";
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(url);
        factory.setNetworkRecoveryInterval(100);
        connection = factory.newConnection("story");
    }

    private static void step(String text) {
        System.out.println("step: " + text);
    }

    private static void expect(boolean good, String what) {
        if (!good) {
            throw new AssertionError(what);
        }
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    private static byte[] octets(Object value) {
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void declare() throws Exception {
        channel = connection.createChannel();
        channel.exchangeDeclare(events, BuiltinExchangeType.TOPIC, true);
        channel.exchangeDeclare(dead, BuiltinExchangeType.FANOUT, true);
        channel.queueDeclare(dead, true, false, false, null);
        channel.queueBind(dead, dead, "");
        Map<String, Object> arguments = Map.of("x-dead-letter-exchange", dead);
        AMQP.Queue.DeclareOk counts = channel.queueDeclare(work, true, false, false, arguments);
        channel.queueBind(work, events, "order.#");
        step("declared, " + counts.getMessageCount() + " messages, " + counts.getConsumerCount() + " consumers");
    }

    private void publishWithConfirms() throws Exception {
        channel.confirmSelect();
        for (int number = 0; number < MESSAGES; number++) {
            channel.basicPublish(events, "order.created", MessageProperties.PERSISTENT_TEXT_PLAIN, octets(number));
        }
        channel.waitForConfirmsOrDie(PATIENCE);
        step("confirmed " + channel.messageCount(work));
    }

    private void consumeWithPrefetch() throws Exception {
        Channel consuming = connection.createChannel();
        consuming.basicQos(PREFETCH);
        Arrivals arrivals = new Arrivals(consuming);
        String tag = consuming.basicConsume(work, false, arrivals);
        for (int number = 0; number < MESSAGES; ) {
            Delivery last = null;
            for (int unacknowledged = 0; unacknowledged < PREFETCH; unacknowledged++, number++) {
                last = arrivals.next();
                expect(last.body().equals(Integer.toString(number)), "expected " + number + ", got " + last.body());
            }
            Thread.sleep(10);
            expect(arrivals.deliveries.isEmpty(), "more than the prefetch count came");
            consuming.basicAck(last.envelope().getDeliveryTag(), true);
        }
        consuming.basicCancel(tag);
        consuming.close();
        step("consumed " + MESSAGES + " in order, at most " + PREFETCH + " unacknowledged");
    }

    private void publishUnroutable() throws Exception {
        BlockingQueue<Return> returns = new LinkedBlockingQueue<>();
        channel.addReturnListener(returns::add);
        channel.basicPublish(events, "nobody.cares", true, MessageProperties.BASIC, octets("lost"));
        Return returned = returns.poll(PATIENCE, TimeUnit.MILLISECONDS);
        expect(returned != null && text(returned.getBody()).equals("lost"), "not returned");
        channel.waitForConfirmsOrDie(PATIENCE);
        step("returned " + returned.getReplyCode() + " " + returned.getReplyText());
    }

    private GetResponse get(String queue) throws Exception {
        for (int attempt = 0; attempt < 500; attempt++) {
            GetResponse response = channel.basicGet(queue, false);
            if (response != null) {
                return response;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no message came to " + queue);
    }

    private void deadLetter() throws Exception {
        List<String> reasons = new ArrayList<>();
        for (String expiration : new String[] {null, "10"}) {
            AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder().expiration(expiration).build();
            channel.basicPublish(events, "order.late", properties, octets("dead"));
            if (expiration == null) {
                channel.basicReject(get(work).getEnvelope().getDeliveryTag(), false);
            }
            GetResponse response = get(dead);
            Object deaths = response.getProps().getHeaders().get("x-death");
            Map<?, ?> death = (Map<?, ?>) ((List<?>) deaths).get(0);
            boolean good = death.get("queue").toString().equals(work)
                    && death.get("exchange").toString().equals(events) && death.get("count").equals(1L);
            expect(good, death.toString());
            reasons.add(death.get("reason").toString());
            channel.basicAck(response.getEnvelope().getDeliveryTag(), false);
        }
        step("dead-lettered " + String.join(", ", reasons));
    }

    private void call() throws Exception {
        Channel server = connection.createChannel();
        Channel client = connection.createChannel();
        server.queueDeclare(rpc, false, true, false, null);
        server.basicConsume(rpc, false, (tag, request) -> {
            AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                    .correlationId(request.getProperties().getCorrelationId()).build();
            byte[] answer = octets(7 * Integer.parseInt(text(request.getBody())));
            server.basicAck(request.getEnvelope().getDeliveryTag(), false);
            server.basicPublish("", request.getProperties().getReplyTo(), properties, answer);
        }, tag -> { });
        Arrivals answers = new Arrivals(client);
        client.basicConsume("amq.rabbitmq.reply-to", true, answers);
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .replyTo("amq.rabbitmq.reply-to").correlationId("c1").build();
        client.basicPublish("", rpc, properties, octets(6));
        Delivery answer = answers.next();
        expect(answer.properties().getCorrelationId().equals("c1"), answer.toString());
        // Deleted and not left to the connection's end: the recovery would declare it again on a closed channel.
        server.queueDelete(rpc);
        client.close();
        server.close();
        step("answered " + answer.body());
    }

    private void recover() throws Exception {
        BlockingQueue<Boolean> recovered = new LinkedBlockingQueue<>();
        ((Recoverable) connection).addRecoveryListener(new RecoveryListener() {
            @Override
            public void handleRecovery(Recoverable recoverable) {
                recovered.offer(true);
            }

            @Override
            public void handleRecoveryStarted(Recoverable recoverable) {}
        });
        Arrivals arrivals = new Arrivals(channel);
        String tag = channel.basicConsume(work, false, arrivals);
        System.out.println("restart");
        expect(recovered.poll(6L * PATIENCE, TimeUnit.MILLISECONDS) != null, "not recovered");
        channel.basicPublish(events, "order.again", MessageProperties.PERSISTENT_TEXT_PLAIN, octets("after"));
        channel.waitForConfirmsOrDie(PATIENCE);
        Delivery again = arrivals.next();
        expect(again.body().equals("after"), again.toString());
        channel.basicAck(again.envelope().getDeliveryTag(), false);
        channel.basicCancel(tag);
        step("recovered");
    }

    private void close() throws Exception {
        for (String queue : List.of(work, dead)) {
            channel.queueDelete(queue);
        }
        for (String exchange : List.of(events, dead)) {
            channel.exchangeDelete(exchange);
        }
        channel.close();
        connection.close();
        step("closed");
    }

    public static void main(String[] arguments) throws Exception {
        try {
            Story story = new Story(arguments[0], arguments[1]);
            story.declare();
            story.publishWithConfirms();
            story.consumeWithPrefetch();
            story.publishUnroutable();
            story.deadLetter();
            story.call();
            story.recover();
            story.close();
        } catch (Exception | AssertionError error) {
            error.printStackTrace(System.out);
            // The threads of the client would keep the program alive.
            System.exit(1);
        }
    }
}
