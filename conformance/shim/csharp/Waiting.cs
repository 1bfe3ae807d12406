// Who waits for the connection and for each of its channels. An end of theirs is told to the calls that wait and to the
// handlers, in either order: it is an event only if no call has answered, or will answer, with it. A call that waits for
// nothing, such as basic.ack, may be under way when the end comes, and answer with success all the same.
using System.Collections.Concurrent;

sealed class Waiting
{
    public sealed class Calls
    {
        int open;
        bool endIsTold;
        Action? held;

        public void Begin()
        {
            lock (this) ++open;
        }

        public void End(bool withItsEnd)
        {
            lock (this)
            {
                --open;
                endIsTold |= withItsEnd;
                if (open == 0 && held is not null) TellEnd(held);
            }
        }

        public void BeginAnew()
        {
            lock (this) (endIsTold, held) = (false, null);
        }

        /// <summary>Tells the end as an event, unless a call answers with it.</summary>
        public void TellEnd(Action tell)
        {
            lock (this)
            {
                held = open > 0 ? tell : null;
                if (open == 0 && !endIsTold) tell();
            }
        }
    }

    readonly ConcurrentDictionary<int, Calls> onChannels = new();

    public Calls OnConnection { get; private set; } = new();

    public Calls OnChannel(int number) => onChannels.GetOrAdd(number, _ => new Calls());

    /// <summary>Those who waited for the last connection get their answers all the same.</summary>
    public Calls OnNewConnection()
    {
        onChannels.Clear();
        return OnConnection = new Calls();
    }
}
