using System.Text.Json;
using Harima.S3.Checksums;
using Harima.S3.Policies;
using Harima.S3.Xml;

namespace Harima.Storage;

/// <summary>What a bucket stands for.</summary>
public enum BucketKind
{
    Proposal,
    Workspace,
}

/// <summary>A name on the S3 surface. Its files lie under <see cref="Folder"/> of the storage root.</summary>
public sealed record Bucket
{
    public long Id { get; init; }

    /// <summary>Lower case, as S3 wants it.</summary>
    public required string Name { get; init; }
    public BucketKind Kind { get; init; }

    /// <summary>Id of the proposal or the workspace.</summary>
    public required string OwnerRef { get; init; }
    public required string Folder { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    public Versioning Versioning { get; init; }

    /// <summary>Its bucket policy; null where none is set, and in lists.</summary>
    internal string? Policy { get; init; }

    /// <summary>The policy, read once: a bucket is remembered until something about it changes.</summary>
    internal BucketPolicy? ReadPolicy() => Policy is null ? null : _policy ??= BucketPolicy.Parse(Policy);

    BucketPolicy? _policy;

    /// <summary>Its public-access block; null where none is set, and in lists.</summary>
    internal string? PublicAccess { get; init; }

    /// <summary>Whether what is given to everyone counts in it.</summary>
    internal bool CountsEveryone =>
        PublicAccess is null
        || Documents.Read<PublicAccessBlockConfiguration>(PublicAccess)
            is { IgnorePublicAcls: false, RestrictPublicBuckets: false };

    /// <summary>Its ownership controls; null where none are set, and in lists.</summary>
    internal string? Ownership { get; init; }

    /// <summary>Whether all in it belongs to its owner, so that it has no access control lists.</summary>
    internal bool OwnerEnforced => ObjectOwnership == "BucketOwnerEnforced";

    /// <summary>Whether what is stored with the ACL <c>bucket-owner-full-control</c> belongs to its owner.</summary>
    internal bool OwnerPreferred => ObjectOwnership == "BucketOwnerPreferred";

    string? ObjectOwnership => Ownership is null ? null : Documents.Read<OwnershipControls>(Ownership).ObjectOwnership;
}

/// <summary>Whether a bucket keeps the older versions of its files.</summary>
public enum Versioning
{
    /// <summary>Never asked for: an overwrite replaces, a removal removes.</summary>
    None,
    Enabled,

    /// <summary>Was enabled once: the versions of that time stay, and beside them there is one more, without an id of its own.</summary>
    Suspended,
}

/// <summary>Where the bytes of a file lie.</summary>
public enum Location
{
    /// <summary>As a plain file under its own name in the tree.</summary>
    Tree,

    /// <summary>Under a digest of its name, because the file system cannot hold the name itself.</summary>
    Odd,

    /// <summary>As an object of another S3 store, under the name of its blob.</summary>
    Elsewhere,

    /// <summary>As an object as well; when it was stored, its name could be no path beside the others (<c>a/b</c> beside <c>a</c>).</summary>
    ElsewhereOdd,

    /// <summary>Where it was before Harima knew of it: in a registered folder, which is only read.</summary>
    Registered,
}

/// <summary>A stored file (an S3 object). One row per key of a bucket.</summary>
public sealed record DataFile
{
    /// <summary>The id of the one version that has none of its own.</summary>
    public const string NullVersion = "null";

    public long Id { get; init; }
    public long BucketId { get; init; }
    public required string Key { get; init; }

    /// <summary>Version id; <see cref="NullVersion"/> for what was stored while the bucket kept no versions.</summary>
    public string Version { get; init; } = NullVersion;

    /// <summary>Row of the sequence it belongs to; null in a workspace.</summary>
    public long? SequenceRow { get; init; }
    public long SizeBytes { get; init; }

    /// <summary>
    /// Hex MD5, or for multipart uploads the MD5 of the parts' MD5s and <c>-N</c>, or for registered files whose bytes nobody has read
    /// yet a digest of what the file system says of them and <c>-0</c>; without quotes.
    /// </summary>
    public required string ETag { get; init; }

    /// <summary>The entity tag this very version had before its checksums were known; null for none.</summary>
    public string? EarlierETag =>
        Location == Location.Registered && HasSums ? RegisteredName.ETagOf(Blob, SizeBytes) : null;

    /// <summary>Whether an entity tag means this version.</summary>
    public bool HasETag(string etag) => etag == ETag || etag == EarlierETag;

    /// <summary>Whether its checksums are known. Only registered files are stored without being read.</summary>
    public bool HasSums => Crc32.Length > 0;

    /// <summary>CRC-32 of the whole file, base64 of the big-endian value (ZIP needs it); empty while it is not known.</summary>
    public required string Crc32 { get; init; }

    /// <summary>CRC-64/NVME of the whole file, base64 of the big-endian value; empty while it is not known.</summary>
    public required string Crc64Nvme { get; init; }

    /// <summary>The further checksum the client chose at upload, if it was another than those two.</summary>
    public string? ChecksumAlgorithm { get; init; }
    public string? ChecksumValue { get; init; }
    public string? ChecksumType { get; init; }
    public string? ContentType { get; init; }

    /// <summary>JSON object of further headers to give back (<c>content-encoding</c>, <c>x-amz-meta-…</c>), or null.</summary>
    public string? Headers { get; init; }

    /// <summary>JSON array of the parts' sizes in bytes for a multipart upload, or null.</summary>
    public string? PartSizes { get; init; }

    /// <summary>User id of who stored it.</summary>
    public required string Owner { get; init; }

    /// <summary>When it was stored. Also the modification time of the file on disk, so the two identify each other. Of a registered file
    /// what the file system says, in whole microseconds.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Name of the bytes while they are staged; changes with every overwrite.</summary>
    internal string Blob { get; init; } = "";
    internal Location Location { get; init; }

    /// <summary>A delete marker: the key was removed at that moment. It has no bytes.</summary>
    public bool IsMarker { get; init; }

    /// <summary>The row is of <c>file_version</c>: something newer has taken its place.</summary>
    public bool IsNoncurrent { get; init; }

    /// <summary>Whether its bucket keeps versions or did once, so that callers are told the version's id.</summary>
    public bool IsVersioned { get; init; }

    /// <summary>JSON array of the parts' checksums by <see cref="ChecksumAlgorithm"/>, or null.</summary>
    public string? PartChecksums { get; init; }

    /// <summary>The multipart upload it came from, or null.</summary>
    internal string? UploadId { get; init; }

    /// <summary>JSON array of tags as pairs of key and value, or null for none.</summary>
    public string? Tags { get; init; }

    public IReadOnlyList<FileTag> ReadTags() => FileTag.Read(Tags);

    public IReadOnlyList<string>? ReadPartChecksums() =>
        PartChecksums is null ? null : JsonSerializer.Deserialize<string[]>(PartChecksums);

    public IReadOnlyDictionary<string, string> ReadHeaders() =>
        Headers is null
            ? new Dictionary<string, string>()
            : JsonSerializer.Deserialize<Dictionary<string, string>>(Headers)!;

    public IReadOnlyList<long>? ReadPartSizes() =>
        PartSizes is null ? null : JsonSerializer.Deserialize<long[]>(PartSizes);

    /// <summary>Every full-file checksum that is known, and the one the client chose. None while <see cref="HasSums"/> is false.</summary>
    public IReadOnlyList<(Checksum Checksum, ChecksumType Type)> ReadChecksums()
    {
        if (!HasSums)
            return [];
        var known = new List<(Checksum, ChecksumType)>
        {
            (new Checksum(S3.Checksums.ChecksumAlgorithm.Crc64Nvme, Crc64Nvme), S3.Checksums.ChecksumType.FullObject),
            (new Checksum(S3.Checksums.ChecksumAlgorithm.Crc32, Crc32), S3.Checksums.ChecksumType.FullObject),
        };
        if (ChecksumAlgorithms.TryParse(ChecksumAlgorithm, out var chosen) && ChecksumValue is not null)
        {
            var type = Enum.Parse<ChecksumType>(ChecksumType!);
            known.RemoveAll(other => other.Item1.Algorithm == chosen);
            known.Insert(0, (new Checksum(chosen, ChecksumValue), type));
        }
        return known;
    }
}
