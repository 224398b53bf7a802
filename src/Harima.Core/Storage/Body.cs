using Harima.S3.Checksums;

namespace Harima.Storage;

/// <summary>What the client said about the bytes it sends; each that is set is checked before anything is stored.</summary>
public sealed record BodyExpectation
{
    public static readonly BodyExpectation None = new();

    public long? LengthBytes { get; init; }

    /// <summary>16 bytes.</summary>
    public byte[]? Md5 { get; init; }

    /// <summary>Lower-case hex, from a signed payload.</summary>
    public string? Sha256Hex { get; init; }

    /// <summary>Algorithm of the checksum the client chose, so that it is computed while the bytes pass.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>The value, asked for once the body has been read: it may come in a trailer. Null for "just compute it".</summary>
    public Func<Checksum?>? Checksum { get; init; }
}

/// <summary>Bytes that lie in the store, durably or with a <see cref="Body"/> for the commit, and their digests. Given back on dispose unless a change has taken them.</summary>
public sealed class StagedBlob : IDisposable
{
    readonly ByteStore _store;

    internal StagedBlob(string blob, ByteStore store)
    {
        Blob = blob;
        _store = store;
    }

    internal string Blob { get; }

    public long SizeBytes { get; internal set; }

    /// <summary>Hex MD5, or the multipart form.</summary>
    public string ETag { get; internal set; } = "";
    public string Crc32 { get; internal set; } = "";
    public string Crc64Nvme { get; internal set; } = "";
    public Checksum? Chosen { get; internal set; }
    public ChecksumType ChosenType { get; internal set; } = ChecksumType.FullObject;
    public IReadOnlyList<long>? PartSizes { get; internal set; }
    public IReadOnlyList<string>? PartChecksums { get; internal set; }
    public DateTimeOffset ModifiedAt { get; internal set; }

    /// <summary>Its object in another store, while no row names it.</summary>
    internal string? StoreObject { get; set; }

    internal bool Kept { get; set; }

    /// <summary>The bytes, where they are not durable: whoever commits them writes them into the mark. Null where they are.</summary>
    internal byte[]? Body { get; set; }

    /// <summary>How many syncs had failed before the bytes were written.</summary>
    internal int FailedSyncs { get; init; }

    public void Dispose()
    {
        if (!Kept)
            _store.Abandon(this);
    }
}
