// The arguments of a request.
import com.google.gson.JsonObject;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;

record Request(JsonObject given) {
    boolean has(String name) {
        return given.has(name) && !given.get(name).isJsonNull();
    }

    String text(String name, String otherwise) {
        return has(name) ? given.get(name).getAsString() : otherwise;
    }

    int number(String name, int otherwise) {
        return has(name) ? given.get(name).getAsInt() : otherwise;
    }

    boolean flag(String name) {
        return has(name) && given.get(name).getAsBoolean();
    }

    Map<String, Object> table(String name) {
        return has(name) ? Json.table(given.getAsJsonObject(name)) : null;
    }

    int channel() {
        return number("channel", 1);
    }

    long tag() {
        return given.get("delivery_tag").getAsLong();
    }

    JsonObject properties() {
        return has("properties") ? given.getAsJsonObject("properties") : new JsonObject();
    }

    byte[] body() {
        if (has("body") && given.get("body").isJsonObject())
            return HexFormat.of().parseHex(given.getAsJsonObject("body").get("hex").getAsString());
        return text("body", "").getBytes(StandardCharsets.UTF_8);
    }
}
