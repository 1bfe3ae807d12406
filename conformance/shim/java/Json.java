// JSON of the contract to values of the library and back, and the one way to standard output.
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class Json {
    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    private static final PrintStream OUTPUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Json() {}

    static void say(Object... namesAndValues) {
        say(map(namesAndValues));
    }

    static synchronized void say(Map<String, Object> message) {
        OUTPUT.println(GSON.toJson(message));
    }

    static void event(String name, Map<String, Object> details) {
        say("event", name, "with", details);
    }

    static Map<String, Object> map(Object... namesAndValues) {
        var found = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) found.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return found;
    }

    static Map<String, Object> content(AMQP.BasicProperties properties, byte[] body, Object... namesAndValues) {
        Map<String, Object> told = map(namesAndValues);
        told.put("properties", present(properties));
        try {
            told.put("body", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException notText) {
            told.put("body", map("hex", HexFormat.of().formatHex(body)));
        }
        return told;
    }

    private static Map<String, Object> present(AMQP.BasicProperties it) {
        Map<String, Object> all = map("content_type", it.getContentType(), "content_encoding", it.getContentEncoding(),
            "headers", toJson(it.getHeaders()), "delivery_mode", it.getDeliveryMode(), "priority", it.getPriority(),
            "correlation_id", it.getCorrelationId(), "reply_to", it.getReplyTo(), "expiration", it.getExpiration(),
            "message_id", it.getMessageId(), "timestamp",
            it.getTimestamp() == null ? null : it.getTimestamp().getTime() / 1000, "type", it.getType(), "user_id",
            it.getUserId(), "app_id", it.getAppId(), "cluster_id", it.getClusterId());
        all.values().removeIf(value -> value == null);
        return all;
    }

    static AMQP.BasicProperties properties(JsonObject given) {
        var it = new Request(given);
        return new AMQP.BasicProperties.Builder().contentType(it.text("content_type", null))
            .contentEncoding(it.text("content_encoding", null)).headers(it.table("headers"))
            .deliveryMode(it.has("delivery_mode") ? it.number("delivery_mode", 0) : null)
            .priority(it.has("priority") ? it.number("priority", 0) : null)
            .correlationId(it.text("correlation_id", null)).replyTo(it.text("reply_to", null))
            .expiration(it.text("expiration", null)).messageId(it.text("message_id", null))
            .timestamp(it.has("timestamp") ? new Date(1000L * it.number("timestamp", 0)) : null)
            .type(it.text("type", null)).userId(it.text("user_id", null)).appId(it.text("app_id", null))
            .clusterId(it.text("cluster_id", null)).build();
    }

    static Object toJson(Object value) {
        if (value instanceof LongString) return value.toString();
        if (value instanceof byte[]) return map("!x", HexFormat.of().formatHex((byte[]) value));
        if (value instanceof Date) return map("!T", ((Date) value).getTime() / 1000);
        if (value instanceof BigDecimal)
            return map("!D", List.of(((BigDecimal) value).scale(), ((BigDecimal) value).unscaledValue()));
        if (value instanceof List) {
            var items = new ArrayList<Object>();
            for (Object item : (List<?>) value) items.add(toJson(item));
            return items;
        }
        if (value instanceof Map) {
            var fields = new LinkedHashMap<String, Object>();
            ((Map<?, ?>) value).forEach((name, item) -> fields.put((String) name, toJson(item)));
            return fields;
        }
        return value;
    }

    static Object fromJson(JsonElement value) {
        if (value.isJsonNull()) return null;
        if (value.isJsonPrimitive()) return fromJson(value.getAsJsonPrimitive());
        if (value.isJsonArray()) {
            var items = new ArrayList<Object>();
            for (JsonElement item : value.getAsJsonArray()) items.add(fromJson(item));
            return items;
        }
        JsonObject it = value.getAsJsonObject();
        if (it.has("!x")) return HexFormat.of().parseHex(it.get("!x").getAsString());
        if (it.has("!T")) return new Date(1000 * it.get("!T").getAsLong());
        if (it.has("!D"))
            return new BigDecimal(BigInteger.valueOf(it.getAsJsonArray("!D").get(1).getAsLong()),
                it.getAsJsonArray("!D").get(0).getAsInt());
        return table(it);
    }

    static Map<String, Object> table(JsonObject it) {
        var fields = new LinkedHashMap<String, Object>();
        it.entrySet().forEach(field -> fields.put(field.getKey(), fromJson(field.getValue())));
        return fields;
    }

    private static Object fromJson(JsonPrimitive value) {
        if (value.isBoolean()) return value.getAsBoolean();
        if (value.isString()) return value.getAsString();
        BigDecimal number = value.getAsBigDecimal();
        if (number.scale() > 0) return number.doubleValue();
        long whole = number.longValueExact();
        if (whole == (int) whole) return (int) whole;
        return whole;
    }
}
