// What a request asks, in the calls of RabbitMQ.Client.
using RabbitMQ.Client;
using Result = System.Collections.Generic.Dictionary<string, object?>;

delegate Task<Result?> Operation(Arguments it);

sealed class Operations
{
    readonly Session session;
    readonly Dictionary<string, Operation> all = [];

    public static IReadOnlyDictionary<string, Operation> Of(Session session) => new Operations(session).all;

    Operations(Session session)
    {
        this.session = session;
        AddSession();
        AddDeclarations();
        AddMessages();
    }

    /// <summary>A call of a channel whose answer says nothing.</summary>
    void Tell(string name, Func<IChannel, Arguments, Task> call) => Ask(name, async (channel, it) =>
    {
        await call(channel, it);
        return null;
    });

    void Ask(string name, Func<IChannel, Arguments, Task<Result?>> call) =>
        all[name] = async it => await call((await session.Channel(it.Channel)).Channel, it);

    void Open(string name, bool confirms, bool tracked) => all[name] = async it =>
    {
        await session.OpenChannel(it.Channel, confirms, tracked);
        return null;
    };

    void AddSession()
    {
        all["connect"] = session.Connect;
        all["close"] = async _ =>
        {
            await session.Close();
            return null;
        };
        all["wait"] = async it =>
        {
            await Task.Delay(it.Seconds("seconds"));
            return null;
        };
        Open("channel.open", confirms: false, tracked: false);
        Open("confirm.select", confirms: true, tracked: true);
        Open("confirm.asynchronous", confirms: true, tracked: false);
        Tell("channel.close", (channel, _) => channel.CloseAsync());
        Tell("tx.select", (channel, _) => channel.TxSelectAsync());
        Tell("tx.commit", (channel, _) => channel.TxCommitAsync());
        Tell("tx.rollback", (channel, _) => channel.TxRollbackAsync());
    }

    void AddDeclarations()
    {
        Tell("exchange.declare", DeclareExchange);
        Tell("exchange.delete", (channel, it) =>
            channel.ExchangeDeleteAsync(it.Text("exchange"), ifUnused: it.Flag("if_unused")));
        Tell("exchange.bind", (channel, it) => channel.ExchangeBindAsync(
            it.Text("destination"), it.Text("source"), it.Text("routing_key"), it.Table("arguments")));
        Tell("exchange.unbind", (channel, it) => channel.ExchangeUnbindAsync(
            it.Text("destination"), it.Text("source"), it.Text("routing_key"), it.Table("arguments")));
        Ask("queue.declare", DeclareQueue);
        Tell("queue.bind", (channel, it) => channel.QueueBindAsync(
            it.Text("queue"), it.Text("exchange"), it.Text("routing_key"), it.Table("arguments")));
        Tell("queue.unbind", (channel, it) => channel.QueueUnbindAsync(
            it.Text("queue"), it.Text("exchange"), it.Text("routing_key"), it.Table("arguments")));
        Ask("queue.purge", async (channel, it) =>
            new() { ["message_count"] = await channel.QueuePurgeAsync(it.Text("queue")) });
        Ask("queue.delete", async (channel, it) => new()
        {
            ["message_count"] =
                await channel.QueueDeleteAsync(it.Text("queue"), it.Flag("if_unused"), it.Flag("if_empty")),
        });
    }

    static Task DeclareExchange(IChannel channel, Arguments it)
    {
        if (it.Flag("internal")) throw new Unsupported("the .NET client declares no internal exchanges");
        return it.Flag("passive")
            ? channel.ExchangeDeclarePassiveAsync(it.Text("exchange"))
            : channel.ExchangeDeclareAsync(it.Text("exchange"), it.Text("type", ExchangeType.Direct), it.Flag("durable"),
                it.Flag("auto_delete"), it.Table("arguments"));
    }

    static async Task<Result?> DeclareQueue(IChannel channel, Arguments it)
    {
        var ok = it.Flag("passive")
            ? await channel.QueueDeclarePassiveAsync(it.Text("queue"))
            : await channel.QueueDeclareAsync(it.Text("queue"), it.Flag("durable"), it.Flag("exclusive"),
                it.Flag("auto_delete"), it.Table("arguments"));
        return new()
        {
            ["queue"] = ok.QueueName, ["message_count"] = ok.MessageCount, ["consumer_count"] = ok.ConsumerCount,
        };
    }

    void AddMessages()
    {
        Tell("basic.qos", (channel, it) => channel.BasicQosAsync(
            checked((uint)it.Number("prefetch_size")), checked((ushort)it.Number("prefetch_count")), it.Flag("global")));
        all["basic.publish"] = Publish;
        Ask("basic.consume", async (channel, it) => new()
        {
            ["consumer_tag"] = await channel.BasicConsumeAsync(it.Text("queue"), it.Flag("auto_ack"),
                it.Text("consumer_tag"), it.Flag("no_local"), it.Flag("exclusive"), it.Table("arguments"),
                new Consumer(channel, it.Channel)),
        });
        Tell("basic.cancel", (channel, it) => channel.BasicCancelAsync(it.Text("consumer_tag")));
        Ask("basic.get", Get);
        Tell("basic.ack", (channel, it) => channel.BasicAckAsync(it.DeliveryTag, it.Flag("multiple")).AsTask());
        Tell("basic.nack", (channel, it) =>
            channel.BasicNackAsync(it.DeliveryTag, it.Flag("multiple"), it.Requeue).AsTask());
        Tell("basic.reject", (channel, it) => channel.BasicRejectAsync(it.DeliveryTag, it.Requeue).AsTask());
    }

    /// <summary>With confirms that are tracked it is done when the broker has answered, and throws PublishException.</summary>
    async Task<Result?> Publish(Arguments it)
    {
        var held = await session.Channel(it.Channel);
        await held.Channel.BasicPublishAsync(it.Text("exchange"), it.Text("routing_key"), it.Flag("mandatory"),
            Messages.PropertiesOf(it.Properties), it.Body);
        return held.Confirms ? new() { ["confirmed"] = true } : null;
    }

    static async Task<Result?> Get(IChannel channel, Arguments it)
    {
        var got = await channel.BasicGetAsync(it.Text("queue"), it.Flag("auto_ack"));
        if (got is null) return new() { ["message"] = null };
        return new()
        {
            ["message"] = Messages.Told(new()
            {
                ["delivery_tag"] = got.DeliveryTag, ["redelivered"] = got.Redelivered, ["exchange"] = got.Exchange,
                ["routing_key"] = got.RoutingKey, ["message_count"] = got.MessageCount,
            }, got.BasicProperties, got.Body),
        };
    }
}
