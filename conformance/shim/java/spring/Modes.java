// Channels, their confirms and transactions. These are kinds of channel: to ask for one opens another in its place.
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

final class Modes {
    static final TemplateChannel.Scope PLAIN = (template, work) -> template.invoke(itself -> {
        work.run();
        return null;
    });

    private final Session session;
    private final Map<TemplateChannel, Transactions> transactions = new ConcurrentHashMap<>();

    private Modes(Session session) {
        this.session = session;
    }

    static void addTo(Map<String, Requests.Operation> operations, Session session) {
        var made = new Modes(session);
        operations.put("channel.open", it -> made.open(it, ConfirmType.NONE, PLAIN));
        operations.put("channel.close", it -> {
            session.channel(it.channel());
            session.closeChannel(it.channel());
            return null;
        });
        operations.put("confirm.select", it -> made.open(it, ConfirmType.CORRELATED, PLAIN));
        operations.put("confirm.asynchronous", it -> made.open(it, ConfirmType.SIMPLE, tellingConfirms(it.channel())));
        operations.put("tx.select", made::selectTransactions);
        operations.put("tx.commit", it -> made.finish(it, Transactions::commit));
        operations.put("tx.rollback", it -> made.finish(it, Transactions::rollback));
    }

    private Map<String, Object> open(Arguments it, ConfirmType confirms, TemplateChannel.Scope scope) throws Exception {
        session.openChannel(it.channel(), confirms, scope);
        return null;
    }

    private static TemplateChannel.Scope tellingConfirms(int number) {
        return (template, work) -> template.invoke(itself -> {
            work.run();
            return null;
        }, (tag, multiple) -> tellConfirm("basic.ack", number, tag, multiple),
            (tag, multiple) -> tellConfirm("basic.nack", number, tag, multiple));
    }

    private static void tellConfirm(String name, int channel, long tag, boolean multiple) {
        Json.event(name, Json.map("channel", channel, "delivery_tag", tag, "multiple", multiple));
    }

    /** The transactions of a thread, one after the other. */
    private static final class Transactions {
        private final PlatformTransactionManager manager;
        private TransactionStatus current;

        Transactions(PlatformTransactionManager manager) {
            this.manager = manager;
        }

        void hold(RabbitTemplate template, Runnable work) {
            template.setChannelTransacted(true);
            current = manager.getTransaction(null);
            try {
                work.run();
            } finally {
                manager.rollback(current);
            }
        }

        void commit() {
            try {
                manager.commit(current);
            } finally {
                current = manager.getTransaction(null);
            }
        }

        void rollback() {
            try {
                manager.rollback(current);
            } finally {
                current = manager.getTransaction(null);
            }
        }
    }

    private Map<String, Object> selectTransactions(Arguments it) throws Exception {
        var begun = new Transactions(new RabbitTransactionManager(session.opened()));
        transactions.put(session.openChannel(it.channel(), ConfirmType.NONE, begun::hold), begun);
        return null;
    }

    private interface Finish {
        void run(Transactions it);
    }

    private Map<String, Object> finish(Arguments it, Finish how) throws Exception {
        TemplateChannel channel = session.channel(it.channel());
        Transactions begun = transactions.get(channel);
        if (begun == null) throw new IllegalStateException("no transaction has begun on channel " + it.channel());
        return channel.call(() -> {
            how.run(begun);
            return null;
        });
    }
}
