// Consumers: a DirectMessageListenerContainer each, which has a channel of its own.
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.ShutdownSignalException;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.listener.AsyncConsumerStartedEvent;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.ListenerContainerConsumerTerminatedEvent;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;
import org.springframework.core.task.SyncTaskExecutor;
import org.springframework.util.backoff.FixedBackOff;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

final class Consumers {
    private static final long NEVER = TimeUnit.DAYS.toMillis(1);

    private record Name(int channel, String tag) {}

    private record Delivery(int channel, long tag) {}

    private final Session session;
    private final Map<Name, DirectMessageListenerContainer> containers = new ConcurrentHashMap<>();
    private final Map<Delivery, Channel> deliveries = new ConcurrentHashMap<>();
    private final Set<Delivery> taken = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Channel> newest = new ConcurrentHashMap<>(); // A channel's number -> its last consumer's.

    Consumers(Session session) {
        this.session = session;
    }

    /** The end of a connection is the end of its containers, without their help. */
    void forget() {
        containers.clear();
        deliveries.clear();
        taken.clear();
        newest.clear();
    }

    /** The channel that settles a delivery: of the container that got it, or null for a message that was asked for. */
    Channel channelOf(int number, long deliveryTag) {
        var delivery = new Delivery(number, deliveryTag);
        return taken.contains(delivery) ? null : deliveries.getOrDefault(delivery, newest.get(number));
    }

    /** A message that was asked for: its tag is of another channel. */
    void took(int number, long deliveryTag) {
        taken.add(new Delivery(number, deliveryTag));
    }

    synchronized Map<String, Object> consume(Arguments it) throws Exception {
        var consumer = new Consumer(it);
        consumer.container.start();
        Channel channel = session.channelOfContainer(it.channel());
        if (consumer.tag == null) {
            ShutdownSignalException end = channel == null ? null : channel.getCloseReason();
            if (end != null) throw end;
            throw new Refused("other", "the container has no consumer, and tells only its log why");
        }
        containers.put(new Name(it.channel(), consumer.tag), consumer.container);
        return Json.map("consumer_tag", consumer.tag);
    }

    Map<String, Object> cancel(Arguments it) throws Refused {
        DirectMessageListenerContainer container = containers.remove(new Name(it.channel(), it.text("consumer_tag")));
        if (container == null) throw new Refused("other", "no container has the consumer " + it.text("consumer_tag"));
        container.stop();
        return null;
    }

    private final class Consumer {
        private final int number;
        private final DirectMessageListenerContainer container = new DirectMessageListenerContainer(session.opened());
        private volatile String tag;

        Consumer(Arguments it) {
            number = it.channel();
            container.setQueueNames(it.text("queue"));
            container.setAcknowledgeMode(it.flag("auto_ack") ? AcknowledgeMode.NONE : AcknowledgeMode.MANUAL);
            container.setNoLocal(it.flag("no_local"));
            container.setExclusive(it.flag("exclusive"));
            if (it.has("arguments")) container.setConsumerArguments(it.table("arguments"));
            if (it.has("consumer_tag")) container.setConsumerTagStrategy(queue -> it.text("consumer_tag"));
            container.setTaskExecutor(new SyncTaskExecutor()); // So that it has started when start() returns.
            container.setRecoveryBackOff(new FixedBackOff(0, 0));
            container.setMonitorInterval(NEVER); // Nobody asked it to recover.
            container.setFailedDeclarationRetryInterval(NEVER);
            container.setApplicationEventPublisher(this::hear);
            container.setMessageListener((ChannelAwareMessageListener) this::receive);
            container.afterPropertiesSet();
        }

        private void receive(Message message, Channel channel) {
            var delivery = new Delivery(number, message.getMessageProperties().getDeliveryTag());
            deliveries.put(delivery, channel);
            taken.remove(delivery);
            Json.event("basic.deliver", Messages.received(message, "channel", number, "consumer_tag",
                message.getMessageProperties().getConsumerTag()));
        }

        private void hear(Object event) {
            if (event instanceof AsyncConsumerStartedEvent started) {
                var consumer = (DefaultConsumer) started.getConsumer();
                tag = consumer.getConsumerTag();
                newest.put(number, consumer.getChannel());
            }
            if (event instanceof ListenerContainerConsumerTerminatedEvent && containers.containsValue(container))
                Json.event("basic.cancel", Json.map("channel", number, "consumer_tag", tag));
        }
    }
}
