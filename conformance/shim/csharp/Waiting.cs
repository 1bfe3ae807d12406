// Who waits for the connection and for each of its channels. An end of theirs is told to the calls that wait and to the
// handlers, in either order: it is an event only if no call has answered, or will answer, with it.
using System.Collections.Concurrent;

sealed class Waiting
{
    public sealed class Calls
    {
        int open;
        bool endIsTold;

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
            }
        }

        public void BeginAnew()
        {
            lock (this) endIsTold = false;
        }

        public bool Unasked()
        {
            lock (this) return open == 0 && !endIsTold;
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
