// A client under test: RabbitMQ.Client for .NET, driven by JSON lines (see README.md in the folder above).
//
// Requests are worked on as tasks, many at a time; each has begun before the next line is read, so they reach the library
// in their order. What nobody expected ends the program with a stack trace and a status that is not 0.
using System.Reflection;
using System.Text;
using RabbitMQ.Client;

var waiting = new Waiting();
var session = new Session(waiting);
var operations = Operations.Of(session);

Json.Say(new()
{
    ["hello"] = new Dictionary<string, object?>
    {
        ["contract"] = 1,
        ["library"] = "rabbitmq-dotnet-client",
        ["version"] = VersionOf(typeof(IConnection).Assembly),
        ["language"] = $"dotnet {Environment.Version}",
        ["operations"] = operations.Keys.Order(StringComparer.Ordinal).ToList(),
    },
});

try
{
    using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
    while (await input.ReadLineAsync() is { } line)
    {
        if (line.Trim().Length > 0) _ = WorkOn(Request.Of(line));
    }
    await session.Drop();
    return 0;
}
catch (Exception unexpected)
{
    return Die(unexpected);
}

async Task WorkOn(Request request)
{
    // `wait` asks nothing of the connection, whose end is an event meanwhile.
    var asks = request.Operation != "wait";
    var onConnection = asks ? waiting.OnConnection : new Waiting.Calls();
    var onChannel = asks ? waiting.OnChannel(request.With.Channel) : new Waiting.Calls();
    onConnection.Begin();
    onChannel.Begin();
    var answer = new Dictionary<string, object?> { ["id"] = request.Id };
    var ended = false;
    try
    {
        if (!operations.TryGetValue(request.Operation, out var operation))
            throw new Unsupported($"this shim has no operation {request.Operation}");
        answer["result"] = await operation(request.With) ?? [];
    }
    catch (Unsupported refusal)
    {
        answer["unsupported"] = refusal.Message;
    }
    catch (Exception error) when (Errors.IsDocumented(error))
    {
        var told = Errors.Described(error, request.Operation == "connect", session.ConnectionIsOpen);
        ended = told["kind"] is not "invalid_argument";
        answer["error"] = told;
    }
    catch (Exception unexpected)
    {
        Die(unexpected);
    }
    // Before the answer: what ends from then on is an event.
    onChannel.End(ended);
    onConnection.End(ended);
    Json.Say(answer);
}

static int Die(Exception unexpected)
{
    Console.Error.WriteLine(unexpected);
    Environment.Exit(1);
    return 1;
}

static string VersionOf(Assembly assembly) =>
    assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
