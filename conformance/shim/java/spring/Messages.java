// Messages of Spring and those of the contract.
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;

import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

final class Messages {
    private Messages() {}

    static Message of(Arguments it) {
        return new Message(it.body(), properties(it.properties()));
    }

    /** What is not given is what Spring gives every message. */
    private static MessageProperties properties(Arguments it) {
        var made = new MessageProperties();
        if (it.has("headers")) it.table("headers").forEach(made::setHeader);
        if (it.has("delivery_mode")) made.setDeliveryMode(MessageDeliveryMode.fromInt(it.number("delivery_mode")));
        if (it.has("priority")) made.setPriority(it.number("priority"));
        if (it.has("timestamp")) made.setTimestamp(it.timestamp("timestamp"));
        give(it, "content_type", made::setContentType);
        give(it, "content_encoding", made::setContentEncoding);
        give(it, "correlation_id", made::setCorrelationId);
        give(it, "reply_to", made::setReplyTo);
        give(it, "expiration", made::setExpiration);
        give(it, "message_id", made::setMessageId);
        give(it, "type", made::setType);
        give(it, "user_id", made::setUserId);
        give(it, "app_id", made::setAppId);
        give(it, "cluster_id", made::setClusterId);
        return made;
    }

    private static void give(Arguments it, String name, Consumer<String> property) {
        if (it.has(name)) property.accept(it.text(name));
    }

    /** What is told of a message beside its content. */
    static Map<String, Object> told(Message message, Object... namesAndValues) {
        Map<String, Object> it = Json.map(namesAndValues);
        it.put("properties", present(message.getMessageProperties()));
        it.put("body", Json.body(message.getBody()));
        return it;
    }

    static Map<String, Object> received(Message message, Object... namesAndValues) {
        Map<String, Object> it = told(message, namesAndValues);
        MessageProperties properties = message.getMessageProperties();
        it.put("delivery_tag", properties.getDeliveryTag());
        it.put("redelivered", properties.isRedelivered());
        it.put("exchange", properties.getReceivedExchange());
        it.put("routing_key", properties.getReceivedRoutingKey());
        return it;
    }

    private static Map<String, Object> present(MessageProperties it) {
        MessageDeliveryMode mode = it.getReceivedDeliveryMode();
        Map<String, Object> all = Json.map("content_type", it.getContentType(), "content_encoding",
            it.getContentEncoding(), "headers", it.getHeaders().isEmpty() ? null : Json.toJson(it.getHeaders()),
            "delivery_mode", mode == null ? null : MessageDeliveryMode.toInt(mode), "priority", it.getPriority(),
            "correlation_id", it.getCorrelationId(), "reply_to", it.getReplyTo(), "expiration", it.getExpiration(),
            "message_id", it.getMessageId(), "timestamp",
            it.getTimestamp() == null ? null : it.getTimestamp().getTime() / 1000, "type", it.getType(), "user_id",
            it.getReceivedUserId(), "app_id", it.getAppId(), "cluster_id", it.getClusterId());
        all.values().removeIf(Objects::isNull);
        return all;
    }
}
