// JSON of the contract to values of field tables and back, and the one way to standard output.
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
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

    static Object body(byte[] octets) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
        } catch (CharacterCodingException notText) {
            return map("hex", HexFormat.of().formatHex(octets));
        }
    }

    static Object toJson(Object value) {
        if (value instanceof LongString) return value.toString();
        if (value instanceof byte[] octets) return map("!x", HexFormat.of().formatHex(octets));
        if (value instanceof Date date) return map("!T", date.getTime() / 1000);
        if (value instanceof BigDecimal decimal) return map("!D", List.of(decimal.scale(), decimal.unscaledValue()));
        // The text of a float is shorter than the number is exact: 0.1 for 0.10000000149.
        if (value instanceof Float number) return number.doubleValue();
        if (value instanceof List<?> items) {
            var told = new ArrayList<Object>();
            for (Object item : items) told.add(toJson(item));
            return told;
        }
        if (value instanceof Map<?, ?> fields) {
            var told = new LinkedHashMap<String, Object>();
            fields.forEach((name, item) -> told.put((String) name, toJson(item)));
            return told;
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
        // 1e+300 has no digit after its point, and is no whole number all the same.
        if (value.getAsString().matches(".*[.eE].*")) return number.doubleValue();
        long whole = number.longValueExact();
        if (whole == (int) whole) return (int) whole;
        return whole;
    }
}
