// Messages to and from queues, by RabbitTemplate; consumers are in Consumers.java.
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.support.DefaultMessagePropertiesConverter;

import java.io.IOException;
import java.util.Map;

final class Messaging {
    private interface Settlement {
        void run(Channel channel) throws IOException;
    }

    private final Session session;

    private Messaging(Session session) {
        this.session = session;
    }

    static void addTo(Map<String, Requests.Operation> operations, Session session) {
        var made = new Messaging(session);
        operations.put("basic.publish", made::publish);
        operations.put("basic.get", made::get);
        operations.put("basic.consume", session.consumers::consume);
        operations.put("basic.cancel", session.consumers::cancel);
        operations.put("basic.ack", it ->
            made.settle(it, channel -> channel.basicAck(it.deliveryTag(), it.flag("multiple"))));
        operations.put("basic.nack", it ->
            made.settle(it, channel -> channel.basicNack(it.deliveryTag(), it.flag("multiple"), it.requeue())));
        operations.put("basic.reject", it ->
            made.settle(it, channel -> channel.basicReject(it.deliveryTag(), it.requeue())));
    }

    private Map<String, Object> publish(Arguments it) throws Exception {
        TemplateChannel channel = session.channel(it.channel());
        Channel target = channel.target();
        CorrelationData correlation = channel.confirms ? new CorrelationData() : null;
        channel.call(() -> {
            channel.template.setMandatory(it.flag("mandatory"));
            channel.template.send(it.text("exchange"), it.text("routing_key"), Messages.of(it), correlation);
            return null;
        });
        return correlation == null ? null : confirmed(correlation, target);
    }

    private static Map<String, Object> confirmed(CorrelationData correlation, Channel target) throws Exception {
        CorrelationData.Confirm confirm = correlation.getFuture().get();
        if (correlation.getReturned() != null) throw new Refused("returned", correlation.getReturned().getReplyText());
        if (confirm.ack()) return Json.map("confirmed", true);
        ShutdownSignalException end = target.getCloseReason(); // Then it is a nack that Spring made of it.
        if (end != null) throw end;
        throw new Refused("nacked", String.valueOf(confirm));
    }

    private Map<String, Object> get(Arguments it) throws Exception {
        TemplateChannel channel = session.channel(it.channel());
        Message got = it.flag("auto_ack") ? channel.call(() -> channel.template.receive(it.text("queue")))
            : channel.execute(below -> unacknowledged(below.basicGet(it.text("queue"), false)));
        if (got == null) return Json.map("message", null);
        MessageProperties properties = got.getMessageProperties();
        session.consumers.took(it.channel(), properties.getDeliveryTag());
        return Json.map("message", Messages.received(got, "message_count", properties.getMessageCount()));
    }

    /** What the template makes of a response; it acknowledges each message itself. */
    private static Message unacknowledged(GetResponse got) {
        if (got == null) return null;
        MessageProperties properties = new DefaultMessagePropertiesConverter()
            .toMessageProperties(got.getProps(), got.getEnvelope(), "UTF-8");
        properties.setMessageCount(got.getMessageCount());
        return new Message(got.getBody(), properties);
    }

    private Map<String, Object> settle(Arguments it, Settlement settlement) throws Exception {
        Channel container = session.consumers.channelOf(it.channel(), it.deliveryTag());
        if (container != null) {
            settlement.run(container);
            return null;
        }
        return session.channel(it.channel()).execute(channel -> {
            settlement.run(channel);
            return null;
        });
    }
}
