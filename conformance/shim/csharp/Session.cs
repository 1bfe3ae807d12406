// The connection of a shim, its channels by the harness's numbers, and what is heard of them unasked.
using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

sealed class Session(Waiting waiting)
{
    /// <summary>A channel, and whether its publications wait for their confirmation.</summary>
    public sealed record Held(IChannel Channel, bool Confirms);

    readonly ConcurrentDictionary<int, Held> channels = new();
    volatile IConnection? connection;

    public bool ConnectionIsOpen => connection?.IsOpen ?? false;

    public async Task<Dictionary<string, object?>?> Connect(Arguments it)
    {
        if (it.Has("blocked_timeout"))
            throw new Unsupported("the .NET client has no limit for the time a connection is blocked");
        await Drop();
        using var patience = new CancellationTokenSource(it.Seconds("timeout", 10));
        var made = await FactoryFor(it).CreateConnectionAsync(patience.Token);
        var calls = waiting.OnNewConnection();
        connection = made;
        made.ConnectionShutdownAsync += (_, reason) =>
        {
            if (reason.Initiator != ShutdownInitiator.Application && made == connection)
                calls.TellEnd(() => Json.Event("connection.close", Errors.Described(reason, connectionIsOpen: false)));
            return Task.CompletedTask;
        };
        made.ConnectionBlockedAsync += (_, blocked) =>
        {
            Json.Event("connection.blocked", new() { ["reason"] = blocked.Reason });
            return Task.CompletedTask;
        };
        made.ConnectionUnblockedAsync += (_, _) =>
        {
            Json.Event("connection.unblocked", []);
            return Task.CompletedTask;
        };
        return new()
        {
            ["channel_max"] = made.ChannelMax,
            ["frame_max"] = made.FrameMax,
            ["heartbeat"] = (int)made.Heartbeat.TotalSeconds,
            ["server_properties"] = Json.Of(made.ServerProperties),
        };
    }

    static ConnectionFactory FactoryFor(Arguments it)
    {
        var made = new ConnectionFactory
        {
            HostName = it.Text("host"),
            Port = it.Number("port"),
            UserName = it.Text("user"),
            Password = it.Text("password"),
            VirtualHost = it.Text("vhost"),
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = it.Seconds("timeout", 10),
            HandshakeContinuationTimeout = it.Seconds("timeout", 10),
        };
        if (it.Has("heartbeat")) made.RequestedHeartbeat = it.Seconds("heartbeat");
        if (it.Has("channel_max")) made.RequestedChannelMax = checked((ushort)it.Number("channel_max"));
        if (it.Has("frame_max")) made.RequestedFrameMax = checked((uint)it.Number("frame_max"));
        return made;
    }

    IConnection Opened() => connection ?? throw new AlreadyClosedException(
        new ShutdownEventArgs(ShutdownInitiator.Application, Constants.ReplySuccess, "there is no connection"));

    public async Task Close()
    {
        var closing = Opened();
        Forget();
        await closing.CloseAsync();
        await closing.DisposeAsync();
    }

    public async Task Drop()
    {
        var dropped = connection;
        Forget();
        if (dropped is null) return;
        if (dropped.IsOpen) await dropped.CloseAsync();
        await dropped.DisposeAsync();
    }

    void Forget()
    {
        connection = null;
        channels.Clear();
    }

    /// <summary>The channel of this number, opened if it is not.</summary>
    public async Task<Held> Channel(int number)
    {
        Opened();
        return channels.TryGetValue(number, out var held) ? held : await OpenChannel(number, confirms: false, tracked: false);
    }

    /// <summary>Confirms are a property of a channel from its beginning: tracked, each publication waits for its own.</summary>
    public async Task<Held> OpenChannel(int number, bool confirms, bool tracked)
    {
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: confirms, publisherConfirmationTrackingEnabled: tracked);
        var made = await Opened().CreateChannelAsync(options);
        var calls = waiting.OnChannel(number);
        calls.BeginAnew();
        made.ChannelShutdownAsync += (_, reason) =>
        {
            if (reason.Initiator == ShutdownInitiator.Peer && ConnectionIsOpen)
                calls.TellEnd(() => Json.Event("channel.close", new()
                {
                    ["channel"] = number, ["code"] = reason.ReplyCode, ["text"] = reason.ReplyText,
                }));
            return Task.CompletedTask;
        };
        made.BasicReturnAsync += (_, returned) =>
        {
            Json.Event("basic.return", Messages.Told(new()
            {
                ["channel"] = number, ["reply_code"] = returned.ReplyCode, ["reply_text"] = returned.ReplyText,
                ["exchange"] = returned.Exchange, ["routing_key"] = returned.RoutingKey,
            }, returned.BasicProperties, returned.Body));
            return Task.CompletedTask;
        };
        if (confirms && !tracked) TellConfirms(made, number);
        var before = channels.GetValueOrDefault(number);
        var held = channels[number] = new(made, tracked);
        if (before is { Channel.IsOpen: true } && confirms) await before.Channel.CloseAsync();
        return held;
    }

    static void TellConfirms(IChannel channel, int number)
    {
        Task Tell(string name, ulong tag, bool multiple)
        {
            Json.Event(name, new() { ["channel"] = number, ["delivery_tag"] = tag, ["multiple"] = multiple });
            return Task.CompletedTask;
        }

        channel.BasicAcksAsync += (_, ack) => Tell("basic.ack", ack.DeliveryTag, ack.Multiple);
        channel.BasicNacksAsync += (_, nack) => Tell("basic.nack", nack.DeliveryTag, nack.Multiple);
    }
}
