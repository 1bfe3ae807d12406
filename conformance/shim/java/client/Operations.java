// What a request asks of a channel, in the calls of the Java client.
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;

import java.io.IOException;
import java.util.Map;

final class Operations {
    private interface Asking {
        Map<String, Object> run(Channel channel, Arguments it) throws Exception;
    }

    /** A call whose answer says nothing. */
    private interface Telling {
        void run(Channel channel, Arguments it) throws Exception;
    }

    private final Session session;
    private final Map<String, Requests.Operation> all;

    private Operations(Session session, Map<String, Requests.Operation> all) {
        this.session = session;
        this.all = all;
    }

    static void addTo(Map<String, Requests.Operation> all, Session session) {
        var it = new Operations(session, all);
        it.addDeclarations();
        it.addModes();
        it.addMessages();
    }

    private void ask(String name, Asking operation) {
        all.put(name, it -> operation.run(session.channel(it.channel()).channel, it));
    }

    private void tell(String name, Telling operation) {
        ask(name, (channel, it) -> {
            operation.run(channel, it);
            return null;
        });
    }

    private void addDeclarations() {
        tell("exchange.declare", Operations::declareExchange);
        tell("exchange.delete", (channel, it) -> channel.exchangeDelete(it.text("exchange"), it.flag("if_unused")));
        tell("exchange.bind", (channel, it) -> channel.exchangeBind(it.text("destination"), it.text("source"),
            it.text("routing_key"), it.table("arguments")));
        tell("exchange.unbind", (channel, it) -> channel.exchangeUnbind(it.text("destination"), it.text("source"),
            it.text("routing_key"), it.table("arguments")));
        ask("queue.declare", Operations::declareQueue);
        tell("queue.bind", (channel, it) -> channel.queueBind(it.text("queue"), it.text("exchange"),
            it.text("routing_key"), it.table("arguments")));
        tell("queue.unbind", (channel, it) -> channel.queueUnbind(it.text("queue"), it.text("exchange"),
            it.text("routing_key"), it.table("arguments")));
        ask("queue.purge", (channel, it) ->
            Json.map("message_count", channel.queuePurge(it.text("queue")).getMessageCount()));
        ask("queue.delete", (channel, it) -> Json.map("message_count",
            channel.queueDelete(it.text("queue"), it.flag("if_unused"), it.flag("if_empty")).getMessageCount()));
    }

    private static void declareExchange(Channel channel, Arguments it) throws IOException {
        if (it.flag("passive")) {
            channel.exchangeDeclarePassive(it.text("exchange"));
        } else {
            channel.exchangeDeclare(it.text("exchange"), it.text("type", "direct"), it.flag("durable"),
                it.flag("auto_delete"), it.flag("internal"), it.table("arguments"));
        }
    }

    private static Map<String, Object> declareQueue(Channel channel, Arguments it) throws IOException {
        AMQP.Queue.DeclareOk ok = it.flag("passive") ? channel.queueDeclarePassive(it.text("queue"))
            : channel.queueDeclare(it.text("queue"), it.flag("durable"), it.flag("exclusive"), it.flag("auto_delete"),
                it.table("arguments"));
        return Json.map("queue", ok.getQueue(), "message_count", ok.getMessageCount(), "consumer_count",
            ok.getConsumerCount());
    }

    private void addModes() {
        tell("channel.close", (channel, it) -> channel.close());
        all.put("confirm.select", it -> {
            Session.Held held = session.channel(it.channel());
            held.channel.confirmSelect();
            held.confirms = true;
            return null;
        });
        tell("confirm.asynchronous", (channel, it) -> {
            channel.addConfirmListener(new ConfirmListener() {
                @Override
                public void handleAck(long tag, boolean multiple) {
                    tellConfirm("basic.ack", it.channel(), tag, multiple);
                }

                @Override
                public void handleNack(long tag, boolean multiple) {
                    tellConfirm("basic.nack", it.channel(), tag, multiple);
                }
            });
            channel.confirmSelect();
        });
        tell("tx.select", (channel, it) -> channel.txSelect());
        tell("tx.commit", (channel, it) -> channel.txCommit());
        tell("tx.rollback", (channel, it) -> channel.txRollback());
    }

    private static void tellConfirm(String name, int channel, long tag, boolean multiple) {
        Json.event(name, Json.map("channel", channel, "delivery_tag", tag, "multiple", multiple));
    }

    private void addMessages() {
        tell("basic.qos", (channel, it) -> channel.basicQos(it.number("prefetch_size", 0),
            it.number("prefetch_count", 0), it.flag("global")));
        all.put("basic.publish", it -> publish(session.channel(it.channel()), it));
        ask("basic.consume", Operations::consume);
        tell("basic.cancel", (channel, it) -> channel.basicCancel(it.text("consumer_tag")));
        ask("basic.get", (channel, it) -> {
            GetResponse got = channel.basicGet(it.text("queue"), it.flag("auto_ack"));
            return Json.map("message", got == null ? null : Messages.told(got.getEnvelope(), got.getProps(),
                got.getBody(), "message_count", got.getMessageCount()));
        });
        tell("basic.ack", (channel, it) -> channel.basicAck(it.deliveryTag(), it.flag("multiple")));
        tell("basic.nack", (channel, it) -> channel.basicNack(it.deliveryTag(), it.flag("multiple"), it.requeue()));
        tell("basic.reject", (channel, it) -> channel.basicReject(it.deliveryTag(), it.requeue()));
        tell("basic.recover", (channel, it) -> channel.basicRecover(it.flag("requeue")));
    }

    private static Map<String, Object> publish(Session.Held held, Arguments it) throws Exception {
        held.returned = false;
        held.channel.basicPublish(it.text("exchange"), it.text("routing_key"), it.flag("mandatory"),
            Messages.properties(it.properties()), it.body());
        if (!held.confirms) return null;
        if (!held.channel.waitForConfirms()) throw new Refused("nacked", "waitForConfirms returned false");
        if (held.returned) throw new Refused("returned", "the return listener was called");
        return Json.map("confirmed", true);
    }

    private static Map<String, Object> consume(Channel channel, Arguments it) throws IOException {
        String tag = channel.basicConsume(it.text("queue"), it.flag("auto_ack"), it.text("consumer_tag"),
            it.flag("no_local"), it.flag("exclusive"), it.table("arguments"), new DefaultConsumer(channel) {
                @Override
                public void handleDelivery(
                    String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body
                ) {
                    Json.event("basic.deliver", Messages.told(envelope, properties, body, "channel", it.channel(),
                        "consumer_tag", tag));
                }

                @Override
                public void handleCancel(String tag) {
                    Json.event("basic.cancel", Json.map("channel", it.channel(), "consumer_tag", tag));
                }
            });
        return Json.map("consumer_tag", tag);
    }
}
