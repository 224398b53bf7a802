using System.ComponentModel.DataAnnotations;

namespace Harima.Gateway;

/// <summary>What one client may ask of the server, and how long it may take. Section <c>Harima:Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Harima:Gateway";

    /// <summary>S3 requests a second that one access key may send before it is told to slow down (503 <c>SlowDown</c>); 0 for any
    /// number. Each replica counts for itself.</summary>
    [Range(0, 1_000_000)]
    public int RequestsPerSecond { get; set; }

    /// <summary>How many more than that it may send at once after a pause.</summary>
    [Range(0, 10_000_000)]
    public int Burst { get; set; }

    /// <summary>The same for all requests without a key from one address; 0 for any number.</summary>
    [Range(0, 1_000_000)]
    public int AnonymousRequestsPerSecond { get; set; }

    /// <summary>A connection whose request line and headers have not arrived after this long is closed.</summary>
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection that asks for nothing is closed after this long.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>The largest headers of a request, in bytes; a larger request is refused (431).</summary>
    [Range(8192, 1_048_576)]
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>Bytes a second that an upload must bring on average, counted from its beginning, and a download must take; 0 for any.
    /// Far below any line in use: it ends connections that are held open for nothing.</summary>
    [Range(0, 1_000_000)]
    public int MinBytesPerSecond { get; set; } = 100;

    /// <summary>For this long a transfer may bring or take nothing at all, so that a client may pause.</summary>
    public TimeSpan TransferGrace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections at the same time, on both ports; further ones are closed at once; 0 for any number.</summary>
    [Range(0, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;
}
