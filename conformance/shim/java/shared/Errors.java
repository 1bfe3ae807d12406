// Exceptions in the contract's kinds of error. What wraps those of the Java client is looked through for its cause.
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.MissedHeartbeatException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ProtocolVersionMismatchException;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.UnexpectedFrameError;
import com.rabbitmq.client.UnknownClassOrMethodId;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

final class Errors {
    private static final int ACCESS_REFUSED = 403;
    private static final List<Class<? extends Throwable>> OF_THE_PROTOCOL = List.of(ProtocolVersionMismatchException.class,
        MalformedFrameException.class, UnexpectedFrameError.class, UnknownClassOrMethodId.class);

    private Errors() {}

    static Map<String, Object> described(Throwable error, boolean connecting) {
        ShutdownSignalException signal = cause(ShutdownSignalException.class, error);
        if (signal != null && !signal.isInitiatedByApplication() && !comesTooLate(error, connecting)) {
            if (signal.getReason() instanceof AMQP.Channel.Close close)
                return told("channel_closed", close.getReplyCode(), close.getReplyText());
            if (signal.getReason() instanceof AMQP.Connection.Close close)
                return told("connection_closed", close.getReplyCode(), close.getReplyText());
        }
        Integer code = has(AuthenticationFailureException.class, error) ? ACCESS_REFUSED : null;
        return told(kindOf(error, connecting), code, String.valueOf(error));
    }

    private static String kindOf(Throwable error, boolean connecting) {
        if (error instanceof Refused refused) return refused.kind;
        if (comesTooLate(error, connecting)) return "wrong_state";
        if (has(PossibleAuthenticationFailureException.class, error)) return "authentication_failed";
        if (OF_THE_PROTOCOL.stream().anyMatch(kind -> has(kind, error))) return "protocol_error";
        if (has(TimeoutException.class, error)) return "timeout";
        if (has(MissedHeartbeatException.class, error)) return "connection_lost";
        if (has(SocketException.class, error) || has(EOFException.class, error))
            return connecting ? "connection_refused" : "connection_lost";
        if (has(SocketTimeoutException.class, error)) return "timeout";
        if (has(IllegalArgumentException.class, error)) return "invalid_argument";
        return has(ShutdownSignalException.class, error) ? "protocol_error" : "other";
    }

    /** During the handshake it is the library that writes to what the server has ended meanwhile, and not the caller. */
    private static boolean comesTooLate(Throwable error, boolean connecting) {
        return !connecting && has(AlreadyClosedException.class, error);
    }

    static <Kind extends Throwable> Kind cause(Class<Kind> kind, Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause())
            if (kind.isInstance(cause)) return kind.cast(cause);
        return null;
    }

    private static boolean has(Class<? extends Throwable> kind, Throwable error) {
        return cause(kind, error) != null;
    }

    private static Map<String, Object> told(String kind, Integer code, String text) {
        return Json.map("kind", kind, "code", code, "text", text);
    }
}
