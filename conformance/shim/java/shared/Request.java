// A line of the harness: what it asks for.
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

record Request(long id, String operation, Arguments with) {
    /** Throws a RuntimeException for a line that is no request. */
    static Request of(String line) {
        JsonObject it = JsonParser.parseString(line).getAsJsonObject();
        JsonObject with = it.has("with") ? it.getAsJsonObject("with") : new JsonObject();
        return new Request(it.get("id").getAsLong(), it.get("op").getAsString(), new Arguments(with));
    }
}
