using Harima.S3.Checksums;

namespace Harima.S3.Client;

/// <summary>What HeadObject and GetObject say about an object.</summary>
/// <param name="ETag">The entity tag without quotes.</param>
/// <param name="SizeBytes">Length of the whole object.</param>
/// <param name="LastModified">When it was last written.</param>
/// <param name="ContentType">Its media type.</param>
public sealed record ObjectHead(string ETag, long SizeBytes, DateTimeOffset LastModified, string? ContentType)
{
    /// <summary>The checksums the server states.</summary>
    public IReadOnlyList<Checksum> Checksums { get; init; } = [];

    /// <summary>How they relate to the parts' checksums, or null when not stated.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>User metadata by name without <c>x-amz-meta-</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>An object being read; dispose it.</summary>
public sealed class ObjectBody(HttpResponseMessage response, ObjectHead head, Stream content) : IDisposable
{
    /// <summary>What the server says about it.</summary>
    public ObjectHead Head { get; } = head;

    /// <summary>The bytes asked for, as they come.</summary>
    public Stream Content { get; } = content;

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        response.Dispose();
    }
}

/// <summary>A range of bytes.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">Last byte, or null for the rest.</param>
public readonly record struct ByteRange(long Start, long? End = null);

/// <summary>What to say about an object when writing it.</summary>
public sealed record ObjectOptions
{
    /// <summary>Its media type.</summary>
    public string? ContentType { get; init; }

    /// <summary>User metadata by name without <c>x-amz-meta-</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>An object just written.</summary>
/// <param name="ETag">The entity tag without quotes.</param>
/// <param name="Checksum">The checksum sent with it and verified by the server.</param>
public sealed record WrittenObject(string ETag, Checksum? Checksum);

/// <summary>A part that is in place.</summary>
/// <param name="PartNumber">1 to 10,000.</param>
/// <param name="ETag">Its entity tag without quotes.</param>
/// <param name="Checksum">Its checksum, when known.</param>
public sealed record UploadedPart(int PartNumber, string ETag, Checksum? Checksum);

/// <summary>One page of a listing.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="CommonPrefixes">The groups up to the delimiter.</param>
/// <param name="NextToken">Where the next page begins, or null.</param>
public sealed record ObjectPage(
    IReadOnlyList<Xml.ObjectEntry> Objects,
    IReadOnlyList<string> CommonPrefixes,
    string? NextToken
);
