using System.ComponentModel.DataAnnotations;

namespace Harima.Search;

/// <summary>The search index. Section <c>Harima:Search</c>.</summary>
public sealed class SearchOptions
{
    public const string Section = "Harima:Search";

    /// <summary>
    /// Where each replica keeps its index, in a folder of its own, on a local disk at best. It can be deleted at any time: it is made
    /// again from the catalogue. Default: <c>search</c> in the data directory.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>
    /// Hosts that a webhook of a saved search may have although they are not of the open network, or not https.
    /// </summary>
    public IList<string> WebhookHosts { get; set; } = [];

    /// <summary>How often changes are looked for, in milliseconds.</summary>
    [Range(20, 10_000)]
    public int PollMilliseconds { get; set; } = 300;
}
