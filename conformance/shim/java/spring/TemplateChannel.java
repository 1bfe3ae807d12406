// A channel of the harness. In Spring a channel belongs to a thread, for as long as a `RabbitTemplate.invoke` or a
// transaction lasts: so each has a thread that holds it, and does in turn what is asked of it.
import com.rabbitmq.client.Channel;
import org.springframework.amqp.rabbit.connection.ChannelProxy;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.RabbitUtils;
import org.springframework.amqp.rabbit.core.ChannelCallback;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

final class TemplateChannel {
    /** What keeps the channel with its thread while the work lasts. */
    interface Scope {
        void hold(RabbitTemplate template, Runnable work);
    }

    private static final FutureTask<Void> END = new FutureTask<>(() -> null);

    final RabbitTemplate template;
    final RabbitAdmin admin;
    final boolean confirms;

    private final BlockingQueue<FutureTask<?>> tasks = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final Consumer<Channel> onOpened;
    private final Thread thread;
    private volatile Channel target;

    /** `onOpened` hears of each channel of the connection that this one is: after an error Spring opens another. */
    TemplateChannel(ConnectionFactory factory, boolean confirms, Scope scope, Consumer<Channel> onOpened) {
        template = new RabbitTemplate(factory);
        admin = new RabbitAdmin(template);
        this.confirms = confirms;
        this.onOpened = onOpened;
        thread = new Thread(() -> run(scope));
    }

    TemplateChannel open() throws Exception {
        thread.start();
        valueOf(opened);
        return this;
    }

    private void run(Scope scope) {
        try {
            scope.hold(template, this::work);
        } catch (RuntimeException error) {
            opened.completeExceptionally(error);
        }
    }

    private void work() {
        lookAtTarget();
        opened.complete(null);
        try {
            for (FutureTask<?> task = tasks.take(); task != END; task = tasks.take()) task.run();
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
        template.execute(channel -> {
            RabbitUtils.setPhysicalCloseRequired(channel, true); // A cached one might be given to somebody else.
            return null;
        });
    }

    private void lookAtTarget() {
        Channel now = template.execute(channel -> ((ChannelProxy) channel).getTargetChannel());
        if (now == null || now == target) return;
        target = now;
        onOpened.accept(now);
    }

    /** Does it in the thread of the channel. */
    <T> T call(Callable<T> work) throws Exception {
        var task = new FutureTask<>(() -> {
            try {
                return work.call();
            } catch (Exception error) {
                lookAtTarget();
                throw error;
            }
        });
        tasks.add(task);
        return valueOf(task);
    }

    /** For what neither the template nor the admin has a method of its own. */
    <T> T execute(ChannelCallback<T> work) throws Exception {
        return call(() -> template.execute(work));
    }

    /** The channel of the connection that it is now. */
    Channel target() {
        return target;
    }

    void close() throws InterruptedException {
        tasks.add(END);
        thread.join();
    }

    private static <T> T valueOf(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException error) {
            if (error.getCause() instanceof Exception cause) throw cause;
            throw error;
        }
    }
}
