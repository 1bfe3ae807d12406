// JSON of the contract to values of field tables and back, and the one way to standard output.
using System.Collections;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

static class Json
{
    static readonly Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
    static readonly Stream Output = Console.OpenStandardOutput();

    public static void Say(Dictionary<string, object?> message)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(message);
        lock (Output)
        {
            Output.Write(line);
            Output.WriteByte((byte)'\n');
            Output.Flush();
        }
    }

    public static void Event(string name, Dictionary<string, object?> details) =>
        Say(new() { ["event"] = name, ["with"] = details });

    /// <summary>Text if it is some, else the octets in what `otherwise` makes of them.</summary>
    public static object Text(ReadOnlySpan<byte> octets, string otherwise)
    {
        try
        {
            return Utf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return Tagged(otherwise, Hex(octets));
        }
    }

    /// <summary>The library gives long strings as the octets that they are, and octets as BinaryTableValue.</summary>
    public static object? Of(object? value) => value switch
    {
        byte[] text => Text(text, "!x"),
        BinaryTableValue octets => Tagged("!x", Hex(octets.Bytes)),
        AmqpTimestamp timestamp => Tagged("!T", timestamp.UnixTime),
        decimal number => Tagged("!D", new[] { number.Scale, DigitsOf(number) }),
        IDictionary<string, object?> table => table.ToDictionary(field => field.Key, field => Of(field.Value)),
        IList list => list.Cast<object?>().Select(Of).ToList(),
        _ => value,
    };

    public static Dictionary<string, object?> TableOf(JsonElement fields) =>
        fields.EnumerateObject().ToDictionary(field => field.Name, field => ValueOf(field.Value));

    static object? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => NumberOf(value),
        JsonValueKind.Array => value.EnumerateArray().Select(ValueOf).ToList(),
        _ => TaggedValueOf(value),
    };

    static object NumberOf(JsonElement value)
    {
        if (value.TryGetInt32(out var small)) return small;
        return value.TryGetInt64(out var large) ? large : value.GetDouble();
    }

    static object TaggedValueOf(JsonElement value)
    {
        if (value.TryGetProperty("!x", out var octets))
            return new BinaryTableValue(Convert.FromHexString(octets.GetString()!));
        if (value.TryGetProperty("!T", out var seconds)) return new AmqpTimestamp(seconds.GetInt64());
        if (value.TryGetProperty("!D", out var number)) return DecimalOf(number[0].GetByte(), number[1].GetInt64());
        var tag = value.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => name.StartsWith('!'));
        if (tag is not null)
            throw new Unsupported($"the library chooses the tag of a table value by itself, so {tag} cannot be asked for");
        return TableOf(value);
    }

    static decimal DecimalOf(byte scale, long digits)
    {
        var magnitude = (ulong)Math.Abs(digits);
        return new((int)magnitude, (int)(magnitude >> 32), 0, digits < 0, scale);
    }

    static long DigitsOf(decimal number)
    {
        var bits = decimal.GetBits(number);
        return (long)new decimal(bits[0], bits[1], bits[2], decimal.IsNegative(number), 0);
    }

    static string Hex(ReadOnlySpan<byte> octets) => Convert.ToHexString(octets).ToLowerInvariant();

    static Dictionary<string, object?> Tagged(string tag, object value) => new() { [tag] = value };
}
