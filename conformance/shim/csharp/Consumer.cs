// A consumer: what it gets are events.
using RabbitMQ.Client;

sealed class Consumer(IChannel channel, int number) : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        Json.Event("basic.deliver", Messages.Told(new()
        {
            ["channel"] = number, ["consumer_tag"] = consumerTag, ["delivery_tag"] = deliveryTag,
            ["redelivered"] = redelivered, ["exchange"] = exchange, ["routing_key"] = routingKey,
        }, properties, body));
        return Task.CompletedTask;
    }

    /// <summary>The broker cancelled it.</summary>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        Json.Event("basic.cancel", new() { ["channel"] = number, ["consumer_tag"] = consumerTag });
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }
}
