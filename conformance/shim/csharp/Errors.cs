// Exceptions in the contract's kinds of error.
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

/// <summary>The library has no way to do what was asked.</summary>
sealed class Unsupported(string why) : Exception(why);

static class Errors
{
    /// <summary>The library's own, and those of .NET that its documentation names.</summary>
    public static bool IsDocumented(Exception error) => error is RabbitMQClientException or IOException or SocketException
        or TimeoutException or OperationCanceledException or ArgumentException or OverflowException
        or ObjectDisposedException;

    /// <summary>The library does not say whether a channel was closed or its connection: `connectionIsOpen` does.</summary>
    public static Dictionary<string, object?> Described(Exception error, bool connecting, bool connectionIsOpen)
    {
        var causes = Causes(error).ToList();
        if (causes.OfType<AlreadyClosedException>().Any()) return Told("wrong_state", null, error.Message);
        var refused = causes.OfType<PossibleAuthenticationFailureException>().FirstOrDefault();
        if (refused is not null)
        {
            int? code = refused is AuthenticationFailureException ? Constants.AccessRefused : null;
            return Told("authentication_failed", code, refused.Message);
        }
        var reason = causes.OfType<OperationInterruptedException>().Select(it => it.ShutdownReason).FirstOrDefault();
        if (reason is not null) return Described(reason, connectionIsOpen);
        return Told(KindOf(causes, connecting), null, causes[^1].Message);
    }

    public static Dictionary<string, object?> Described(ShutdownEventArgs reason, bool connectionIsOpen)
    {
        if (reason.Initiator == ShutdownInitiator.Peer)
            return Told(connectionIsOpen ? "channel_closed" : "connection_closed", reason.ReplyCode, reason.ReplyText);
        if (reason.Initiator == ShutdownInitiator.Application) return Told("wrong_state", null, reason.ToString());
        var refuses = reason.Exception is ProtocolException or ProtocolViolationException
            || reason.ReplyCode is >= Constants.FrameError and < Constants.NotAllowed;
        return Told(refuses ? "protocol_error" : "connection_lost", null, reason.ToString());
    }

    static string KindOf(List<Exception> causes, bool connecting)
    {
        foreach (var error in causes)
        {
            switch (error)
            {
                case PublishException published:
                    return published.IsReturn ? "returned" : "nacked";
                case WireFormattingException or ArgumentException or OverflowException:
                    return "invalid_argument";
                case ObjectDisposedException:
                    return "wrong_state";
                case ConnectFailureException: // To the library it is of the protocol, as is the next.
                    return "connection_refused";
                case ChannelAllocationException:
                    return "other";
                case ProtocolException or ProtocolViolationException or PacketNotRecognizedException:
                    return "protocol_error";
                case TimeoutException or OperationCanceledException:
                    return "timeout";
                case SocketException or EndOfStreamException:
                    return connecting ? "connection_refused" : "connection_lost";
            }
        }
        if (causes.Any(error => error is IOException)) return connecting ? "connection_refused" : "connection_lost";
        return "other";
    }

    /// <summary>The exception, what is in it, and what is in that.</summary>
    static IEnumerable<Exception> Causes(Exception error)
    {
        for (Exception? it = error; it is not null; it = it.InnerException) yield return it;
    }

    static Dictionary<string, object?> Told(string kind, int? code, string text) => new()
    {
        ["kind"] = kind,
        ["code"] = code,
        ["text"] = text.Length > 0 ? text : kind,
    };
}
