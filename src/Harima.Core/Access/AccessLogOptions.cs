using System.ComponentModel.DataAnnotations;

namespace Harima.Access;

/// <summary>The log of every S3 request and download. Section <c>Harima:AccessLog</c>.</summary>
public sealed class AccessLogOptions
{
    public const string Section = "Harima:AccessLog";

    /// <summary>False writes no log; then nobody can be told who read what.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Folder of its files; by default <c>access-log</c> in the data folder.</summary>
    public string? Directory { get; set; }

    /// <summary>A file that has grown to this many bytes is followed by another, as is one of yesterday.</summary>
    [Range(4096, long.MaxValue)]
    public long MaxFileBytes { get; set; } = 256L << 20;

    /// <summary>Files and what was folded from them are deleted after this many days.</summary>
    [Range(1, 36_500)]
    public int KeepDays { get; set; } = 400;
}
