// The arguments of a request, each with its type; also the properties of a message, which are written alike.
import com.google.gson.JsonObject;

import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;

record Arguments(JsonObject given) {
    boolean has(String name) {
        return given.has(name) && !given.get(name).isJsonNull();
    }

    String text(String name) {
        return text(name, "");
    }

    String text(String name, String otherwise) {
        return has(name) ? given.get(name).getAsString() : otherwise;
    }

    int number(String name, int otherwise) {
        return has(name) ? given.get(name).getAsInt() : otherwise;
    }

    Integer number(String name) {
        return has(name) ? given.get(name).getAsInt() : null;
    }

    boolean flag(String name) {
        return flag(name, false);
    }

    boolean flag(String name, boolean otherwise) {
        return has(name) ? given.get(name).getAsBoolean() : otherwise;
    }

    Date timestamp(String name) {
        return has(name) ? new Date(1000 * given.get(name).getAsLong()) : null;
    }

    Map<String, Object> table(String name) {
        return has(name) ? Json.table(given.getAsJsonObject(name)) : null;
    }

    int channel() {
        return number("channel", 1);
    }

    long deliveryTag() {
        return given.get("delivery_tag").getAsLong();
    }

    boolean requeue() {
        return flag("requeue", true);
    }

    long milliseconds(String name, double otherwise) {
        return Math.round(1000 * (has(name) ? given.get(name).getAsDouble() : otherwise));
    }

    Arguments properties() {
        return new Arguments(has("properties") ? given.getAsJsonObject("properties") : new JsonObject());
    }

    byte[] body() {
        if (has("body") && given.get("body").isJsonObject())
            return HexFormat.of().parseHex(given.getAsJsonObject("body").get("hex").getAsString());
        return text("body").getBytes(StandardCharsets.UTF_8);
    }
}
