// A client under test: Spring AMQP, driven by JSON lines (see README.md in conformance/shim).
import com.rabbitmq.client.ShutdownSignalException;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.transaction.TransactionException;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;

public final class Shim extends Requests {
    private static final List<Class<? extends Throwable>> DOCUMENTED = List.of(AmqpException.class,
        TransactionException.class, IOException.class, TimeoutException.class, ShutdownSignalException.class,
        IllegalArgumentException.class, IllegalStateException.class);
    private static final Set<String> CLOSED = Set.of("PublisherCallbackChannel is closed",
        "Channel closed; cannot ack/nack", "Channel closed during transaction");

    private final Session session = new Session(waiting);

    public static void main(String[] arguments) {
        new Shim().run("spring-amqp", RabbitTemplate.class.getPackage().getImplementationVersion());
    }

    private Shim() {
        operations.put("connect", session::connect);
        operations.put("close", it -> {
            session.close();
            return null;
        });
        Declarations.addTo(operations, session);
        Modes.addTo(operations, session);
        Messaging.addTo(operations, session);
    }

    @Override
    protected boolean isDocumented(Throwable error) {
        return DOCUMENTED.stream().anyMatch(kind -> kind.isInstance(error));
    }

    @Override
    protected Throwable understood(Throwable error) {
        boolean closed = error.getMessage() != null && CLOSED.contains(error.getMessage());
        return closed ? new Refused("wrong_state", error.getMessage()) : error;
    }

    @Override
    protected void dropConnection() {
        session.drop();
    }
}
