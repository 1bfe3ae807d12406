// Messages of the library and those of the contract.
using RabbitMQ.Client;

static class Messages
{
    public static BasicProperties PropertiesOf(Arguments? given)
    {
        var made = new BasicProperties();
        if (given is not { } it) return made;
        if (it.Has("content_type")) made.ContentType = it.Text("content_type");
        if (it.Has("content_encoding")) made.ContentEncoding = it.Text("content_encoding");
        if (it.Has("headers")) made.Headers = it.Table("headers");
        if (it.Has("delivery_mode")) made.DeliveryMode = (DeliveryModes)it.Number("delivery_mode");
        if (it.Has("priority")) made.Priority = checked((byte)it.Number("priority"));
        if (it.Has("correlation_id")) made.CorrelationId = it.Text("correlation_id");
        if (it.Has("reply_to")) made.ReplyTo = it.Text("reply_to");
        if (it.Has("expiration")) made.Expiration = it.Text("expiration");
        if (it.Has("message_id")) made.MessageId = it.Text("message_id");
        if (it.Find("timestamp") is { } seconds) made.Timestamp = new AmqpTimestamp(seconds.GetInt64());
        if (it.Has("type")) made.Type = it.Text("type");
        if (it.Has("user_id")) made.UserId = it.Text("user_id");
        if (it.Has("app_id")) made.AppId = it.Text("app_id");
        if (it.Has("cluster_id")) made.ClusterId = it.Text("cluster_id");
        return made;
    }

    /// <summary>What is told of a message: the rest, and its content.</summary>
    public static Dictionary<string, object?> Told(
        Dictionary<string, object?> rest, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        rest["properties"] = Present(properties);
        rest["body"] = Json.Text(body.Span, "hex");
        return rest;
    }

    static Dictionary<string, object?> Present(IReadOnlyBasicProperties it)
    {
        var found = new Dictionary<string, object?>();
        if (it.IsContentTypePresent()) found["content_type"] = it.ContentType;
        if (it.IsContentEncodingPresent()) found["content_encoding"] = it.ContentEncoding;
        if (it.IsHeadersPresent()) found["headers"] = Json.Of(it.Headers);
        if (it.IsDeliveryModePresent()) found["delivery_mode"] = (int)it.DeliveryMode;
        if (it.IsPriorityPresent()) found["priority"] = it.Priority;
        if (it.IsCorrelationIdPresent()) found["correlation_id"] = it.CorrelationId;
        if (it.IsReplyToPresent()) found["reply_to"] = it.ReplyTo;
        if (it.IsExpirationPresent()) found["expiration"] = it.Expiration;
        if (it.IsMessageIdPresent()) found["message_id"] = it.MessageId;
        if (it.IsTimestampPresent()) found["timestamp"] = it.Timestamp.UnixTime;
        if (it.IsTypePresent()) found["type"] = it.Type;
        if (it.IsUserIdPresent()) found["user_id"] = it.UserId;
        if (it.IsAppIdPresent()) found["app_id"] = it.AppId;
        if (it.IsClusterIdPresent()) found["cluster_id"] = it.ClusterId;
        return found;
    }
}
