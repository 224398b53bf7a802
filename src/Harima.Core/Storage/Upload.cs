namespace Harima.Storage;

/// <summary>A multipart upload that has begun.</summary>
public sealed record Upload
{
    public required string Id { get; init; }
    public long BucketId { get; init; }
    public required string Key { get; init; }
    public required string Owner { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string? ContentType { get; init; }
    public string? Headers { get; init; }
    public string? ChecksumAlgorithm { get; init; }
    public string? ChecksumType { get; init; }
    public string? Tags { get; init; }
    internal string Blob { get; init; } = "";
    internal long? PartSizeBytes { get; init; }

    /// <summary>The object of another store it will be, and the upload it is there; null in a tree.</summary>
    internal string? StoreObject { get; init; }
    internal string? StoreUpload { get; init; }

    /// <summary>ETag of the whole the other store was last asked to make.</summary>
    internal string? Completing { get; init; }
}

/// <summary>A part that has been received.</summary>
public sealed record UploadPart
{
    public required string UploadId { get; init; }
    public int Number { get; init; }
    public long SizeBytes { get; init; }

    /// <summary>Hex MD5, without quotes.</summary>
    public required string ETag { get; init; }
    public required string Crc32 { get; init; }
    public required string Crc64Nvme { get; init; }

    /// <summary>Base64, by the algorithm of the upload; null where none was chosen.</summary>
    public string? ChecksumValue { get; init; }
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Empty: in the upload's own file. Otherwise a staged file of its own.</summary>
    internal string Blob { get; init; } = "";

    /// <summary>What another store calls it.</summary>
    internal string? StoreETag { get; init; }
}

/// <summary>A part as the client names it when it completes.</summary>
public sealed record CompletedPart(int Number, string ETag, string? ChecksumValue = null);
