using System.ComponentModel.DataAnnotations;

namespace Harima.Storage;

/// <summary>How stored files are read again and compared with their checksums. Section <c>Harima:Storage:Scrub</c>.</summary>
public sealed class ScrubOptions
{
    public const string Section = "Harima:Storage:Scrub";

    /// <summary>At most this many bytes are read in a second, with idle I/O priority; 0 turns the scrubber off. A file counts
    /// for at least 64 KiB, so that many small files do not keep the catalogue busy.</summary>
    [Range(0, long.MaxValue)]
    public long BytesPerSecond { get; set; } = 4L << 20;

    /// <summary>A pass over all files begins this long after the one before began, or at once where that took longer.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromDays(30);
}
