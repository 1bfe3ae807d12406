// A client under test: the RabbitMQ Java client, driven by JSON lines (see README.md in conformance/shim).
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.ClientVersion;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

public final class Shim extends Requests {
    private final Session session = new Session(waiting);

    public static void main(String[] arguments) {
        new Shim().run("rabbitmq-java-client", ClientVersion.VERSION);
    }

    private Shim() {
        operations.put("connect", session::connect);
        operations.put("close", it -> {
            session.close();
            return null;
        });
        operations.put("channel.open", it -> {
            session.openChannel(it.channel());
            return null;
        });
        Operations.addTo(operations, session);
    }

    @Override
    protected boolean isDocumented(Throwable error) {
        return error instanceof IOException || error instanceof TimeoutException
            || error instanceof ShutdownSignalException || error instanceof IllegalArgumentException;
    }

    @Override
    protected void dropConnection() throws IOException {
        session.drop();
    }
}
