using System.Threading.Channels;
using Harima.Catalogue;
using Microsoft.Extensions.Options;

namespace Harima.Access;

/// <summary>
/// Where requests leave their entry. Adding one takes no time: <see cref="AccessLogWorker"/> writes them down, a second later
/// at most.
/// </summary>
public sealed class AccessLog(IOptions<AccessLogOptions> options, IOptions<DataOptions> data)
{
    // Written by any request, read by the worker alone. When full, an entry is counted instead of kept: a disk that stands
    // still must not stop the service, and the gap becomes a line of the log.
    readonly Channel<AccessLogEntry> _entries = Channel.CreateBounded<AccessLogEntry>(
        new BoundedChannelOptions(65_536) { SingleReader = true }
    );
    long _lost;

    public bool IsEnabled => options.Value.Enabled;

    /// <summary>Where its files are.</summary>
    public string Folder => options.Value.Directory ?? Path.Combine(data.Value.Directory, "access-log");

    internal ChannelReader<AccessLogEntry> Entries => _entries.Reader;

    public void Add(AccessLogEntry entry)
    {
        if (IsEnabled && !_entries.Writer.TryWrite(entry))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>How many entries were not kept since this was last asked.</summary>
    internal long TakeLost() => Interlocked.Exchange(ref _lost, 0);
}
