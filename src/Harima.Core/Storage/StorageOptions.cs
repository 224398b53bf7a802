using System.ComponentModel.DataAnnotations;

namespace Harima.Storage;

/// <summary>Where files lie. Section <c>Harima:Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Harima:Storage";

    /// <summary>The tree <c>&lt;root&gt;/&lt;proposal&gt;/&lt;sequence&gt;/&lt;path&gt;</c>; by default <c>files</c> in the data folder.
    /// One file system: files are moved into place by rename.</summary>
    public string? Root { get; set; }

    /// <summary>An unfinished multipart upload is given up when no part has come for this long.</summary>
    public TimeSpan UploadLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Staged bytes that nothing refers to are removed once they are this old.</summary>
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Uploads are refused as if the storage were full when less than this would stay free, in bytes: so that deleting
    /// still works then, and what is committed can be put into place.</summary>
    [Range(0, long.MaxValue)]
    public long ReserveBytes { get; set; } = 64L << 20;

    /// <summary>The largest object, in bytes (S3's own limit is 5 TiB).</summary>
    [Range(1, long.MaxValue)]
    public long MaxObjectBytes { get; set; } = 5L << 40;
}
