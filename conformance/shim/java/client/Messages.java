// Messages of the Java client and those of the contract.
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;

import java.util.Map;
import java.util.Objects;

final class Messages {
    private Messages() {}

    static AMQP.BasicProperties properties(Arguments it) {
        return new AMQP.BasicProperties.Builder().contentType(it.text("content_type", null))
            .contentEncoding(it.text("content_encoding", null)).headers(it.table("headers"))
            .deliveryMode(it.number("delivery_mode")).priority(it.number("priority"))
            .correlationId(it.text("correlation_id", null)).replyTo(it.text("reply_to", null))
            .expiration(it.text("expiration", null)).messageId(it.text("message_id", null))
            .timestamp(it.timestamp("timestamp")).type(it.text("type", null)).userId(it.text("user_id", null))
            .appId(it.text("app_id", null)).clusterId(it.text("cluster_id", null)).build();
    }

    /** What is told of a message beside its content. */
    static Map<String, Object> told(AMQP.BasicProperties properties, byte[] body, Object... namesAndValues) {
        Map<String, Object> it = Json.map(namesAndValues);
        it.put("properties", present(properties));
        it.put("body", Json.body(body));
        return it;
    }

    static Map<String, Object> told(
        Envelope envelope, AMQP.BasicProperties properties, byte[] body, Object... namesAndValues
    ) {
        Map<String, Object> it = told(properties, body, namesAndValues);
        it.put("delivery_tag", envelope.getDeliveryTag());
        it.put("redelivered", envelope.isRedeliver());
        it.put("exchange", envelope.getExchange());
        it.put("routing_key", envelope.getRoutingKey());
        return it;
    }

    private static Map<String, Object> present(AMQP.BasicProperties it) {
        Map<String, Object> all = Json.map("content_type", it.getContentType(), "content_encoding",
            it.getContentEncoding(), "headers", Json.toJson(it.getHeaders()), "delivery_mode", it.getDeliveryMode(),
            "priority", it.getPriority(), "correlation_id", it.getCorrelationId(), "reply_to", it.getReplyTo(),
            "expiration", it.getExpiration(), "message_id", it.getMessageId(), "timestamp",
            it.getTimestamp() == null ? null : it.getTimestamp().getTime() / 1000, "type", it.getType(), "user_id",
            it.getUserId(), "app_id", it.getAppId(), "cluster_id", it.getClusterId());
        all.values().removeIf(Objects::isNull);
        return all;
    }
}
