// A line of the harness, and its arguments, each with its type.
using System.Text;
using System.Text.Json;

record Request(long Id, string Operation, Arguments With)
{
    /// <summary>Throws for a line that is no request.</summary>
    public static Request Of(string line)
    {
        var it = JsonDocument.Parse(line).RootElement;
        var arguments = it.TryGetProperty("with", out var given) ? given : JsonDocument.Parse("{}").RootElement;
        return new(it.GetProperty("id").GetInt64(), it.GetProperty("op").GetString()!, new(arguments));
    }
}

/// <summary>The arguments of a request, and the properties of a message, which are written alike.</summary>
readonly record struct Arguments(JsonElement Given)
{
    public int Channel => Number("channel", 1);

    public ulong DeliveryTag => Given.GetProperty("delivery_tag").GetUInt64();

    public bool Requeue => Flag("requeue", true);

    public Dictionary<string, object?>? Table(string name) => Find(name) is { } it ? Json.TableOf(it) : null;

    public string Text(string name, string otherwise = "") => Find(name)?.GetString() ?? otherwise;

    public int Number(string name, int otherwise = 0) => Find(name)?.GetInt32() ?? otherwise;

    public bool Flag(string name, bool otherwise = false) => Find(name)?.GetBoolean() ?? otherwise;

    public TimeSpan Seconds(string name, double otherwise = 0) =>
        TimeSpan.FromSeconds(Find(name)?.GetDouble() ?? otherwise);

    public Arguments? Properties => Find("properties") is { } it ? new Arguments(it) : null;

    public ReadOnlyMemory<byte> Body => Find("body") switch
    {
        { ValueKind: JsonValueKind.Object } octets => Convert.FromHexString(octets.GetProperty("hex").GetString()!),
        { } text => Encoding.UTF8.GetBytes(text.GetString()!),
        null => ReadOnlyMemory<byte>.Empty,
    };

    public bool Has(string name) => Find(name) is not null;

    public JsonElement? Find(string name) =>
        Given.TryGetProperty(name, out var it) && it.ValueKind != JsonValueKind.Null ? it : null;
}
