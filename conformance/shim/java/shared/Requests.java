// The life of a shim (see README.md in conformance/shim): it says hello, works on every request in a thread of its own,
// and ends when its input does. What nobody expected ends it with a stack trace and a status that is not 0.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

abstract class Requests {
    interface Operation {
        /** The result, or null for one that says nothing. */
        Map<String, Object> run(Arguments arguments) throws Exception;
    }

    protected final Map<String, Operation> operations = new TreeMap<>();
    protected final Waiting waiting = new Waiting();

    /** Whether it is one of the exceptions with which the library tells its users what happened. */
    protected abstract boolean isDocumented(Throwable error);

    /** Where only the text of an exception says what happened: that in a word of the contract. */
    protected Throwable understood(Throwable error) {
        return error;
    }

    protected abstract void dropConnection() throws Exception;

    Requests() {
        operations.put("wait", it -> {
            Thread.sleep(it.milliseconds("seconds", 0));
            return null;
        });
    }

    void run(String library, String version) {
        Json.say("hello", Json.map("contract", 1, "library", library, "version", version, "language",
            "java " + System.getProperty("java.version"), "operations", operations.keySet()));
        try {
            workOnAll(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
            dropConnection();
        } catch (Exception unexpected) {
            die(unexpected);
        }
        System.exit(0);
    }

    private void workOnAll(BufferedReader input) throws IOException {
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (line.isBlank()) continue;
            Request request = Request.of(line);
            new Thread(() -> workOn(request)).start();
        }
    }

    private void workOn(Request request) {
        // `wait` asks nothing of the connection, whose end is an event meanwhile.
        boolean asks = !request.operation().equals("wait");
        Waiting.Calls onConnection = asks ? waiting.onConnection() : new Waiting.Calls();
        Waiting.Calls onChannel = asks ? waiting.onChannel(request.with().channel()) : new Waiting.Calls();
        onConnection.begin();
        onChannel.begin();
        Map<String, Object> answer = Json.map("id", request.id());
        boolean ended = false;
        try {
            answer.put("result", perform(request));
        } catch (Unsupported refusal) {
            answer.put("unsupported", refusal.getMessage());
        } catch (Throwable error) {
            if (!(error instanceof Refused) && !isDocumented(error)) die(error);
            Map<String, Object> told = Errors.described(understood(error), request.operation().equals("connect"));
            ended = !told.get("kind").equals("invalid_argument");
            answer.put("error", told);
        }
        // Before the answer: what ends from then on is an event.
        onChannel.end(ended);
        onConnection.end(ended);
        Json.say(answer);
    }

    private Map<String, Object> perform(Request request) throws Exception {
        Operation operation = operations.get(request.operation());
        if (operation == null) throw new Unsupported("this shim has no operation " + request.operation());
        Map<String, Object> result = operation.run(request.with());
        return result == null ? Map.of() : result;
    }

    /** Threads of the connection would keep the program alive. */
    private static void die(Throwable unexpected) {
        unexpected.printStackTrace();
        System.exit(1);
    }
}
