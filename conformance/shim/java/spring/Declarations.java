// Exchanges, queues and bindings: RabbitAdmin, and RabbitTemplate.execute for what it keeps to itself.
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Binding.DestinationType;
import org.springframework.amqp.core.CustomExchange;
import org.springframework.amqp.rabbit.core.RabbitAdmin;

import java.util.Map;

final class Declarations {
    private interface OfAdmin {
        void run(RabbitAdmin admin);
    }

    private final Session session;

    private Declarations(Session session) {
        this.session = session;
    }

    static void addTo(Map<String, Requests.Operation> operations, Session session) {
        var made = new Declarations(session);
        operations.put("exchange.declare", made::declareExchange);
        operations.put("exchange.delete", made::deleteExchange);
        operations.put("exchange.bind", it -> made.ask(it, admin -> admin.declareBinding(toExchange(it))));
        operations.put("exchange.unbind", it -> made.ask(it, admin -> admin.removeBinding(toExchange(it))));
        operations.put("queue.declare", made::declareQueue);
        operations.put("queue.bind", it -> made.ask(it, admin -> admin.declareBinding(toQueue(it))));
        operations.put("queue.unbind", it -> made.ask(it, admin -> admin.removeBinding(toQueue(it))));
        operations.put("queue.purge", made::purgeQueue);
        operations.put("queue.delete", made::deleteQueue);
    }

    private Map<String, Object> ask(Arguments it, OfAdmin work) throws Exception {
        TemplateChannel channel = session.channel(it.channel());
        return channel.call(() -> {
            work.run(channel.admin);
            return null;
        });
    }

    private static Binding toExchange(Arguments it) {
        return new Binding(it.text("destination"), DestinationType.EXCHANGE, it.text("source"), it.text("routing_key"),
            it.table("arguments"));
    }

    private static Binding toQueue(Arguments it) {
        return new Binding(it.text("queue"), DestinationType.QUEUE, it.text("exchange"), it.text("routing_key"),
            it.table("arguments"));
    }

    private Map<String, Object> declareExchange(Arguments it) throws Exception {
        if (it.flag("passive")) {
            session.channel(it.channel()).execute(channel -> channel.exchangeDeclarePassive(it.text("exchange")));
            return null;
        }
        var exchange = new CustomExchange(it.text("exchange"), it.text("type", "direct"), it.flag("durable"),
            it.flag("auto_delete"), it.table("arguments"));
        exchange.setInternal(it.flag("internal"));
        return ask(it, admin -> admin.declareExchange(exchange));
    }

    /** RabbitAdmin says only whether it went well. Why not is what ended the channel. */
    private Map<String, Object> deleteExchange(Arguments it) throws Exception {
        if (it.flag("if_unused")) throw new Unsupported("RabbitAdmin deletes an exchange whether it is used or not");
        TemplateChannel channel = session.channel(it.channel());
        var before = channel.target();
        if (channel.call(() -> channel.admin.deleteExchange(it.text("exchange")))) return null;
        ShutdownSignalException end = before.getCloseReason();
        if (end != null) throw end;
        throw new Refused("other", "deleteExchange returned false");
    }

    /** RabbitAdmin tells the name of a declared queue, and nothing of one that is not there. */
    private Map<String, Object> declareQueue(Arguments it) throws Exception {
        AMQP.Queue.DeclareOk ok = session.channel(it.channel()).execute(channel ->
            it.flag("passive") ? channel.queueDeclarePassive(it.text("queue"))
                : channel.queueDeclare(it.text("queue"), it.flag("durable"), it.flag("exclusive"),
                    it.flag("auto_delete"), it.table("arguments")));
        return Json.map("queue", ok.getQueue(), "message_count", ok.getMessageCount(), "consumer_count",
            ok.getConsumerCount());
    }

    private Map<String, Object> purgeQueue(Arguments it) throws Exception {
        TemplateChannel channel = session.channel(it.channel());
        return Json.map("message_count", channel.call(() -> channel.admin.purgeQueue(it.text("queue"))));
    }

    /** RabbitAdmin does not tell how many messages there were. */
    private Map<String, Object> deleteQueue(Arguments it) throws Exception {
        AMQP.Queue.DeleteOk ok = session.channel(it.channel()).execute(channel ->
            channel.queueDelete(it.text("queue"), it.flag("if_unused"), it.flag("if_empty")));
        return Json.map("message_count", ok.getMessageCount());
    }
}
