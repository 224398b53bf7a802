using System.Buffers;

namespace Harima.S3.Xml;

/// <summary>Who owns a bucket or an object.</summary>
public sealed record Owner(string Id, string DisplayName);

/// <summary>A bucket in <see cref="ListAllMyBucketsResult"/>.</summary>
public sealed record BucketEntry(string Name, DateTimeOffset CreatedAt);

/// <summary>An object in a listing.</summary>
/// <param name="Key">The key, decoded.</param>
/// <param name="LastModified">When it was last written.</param>
/// <param name="ETag">The entity tag, with or without quotes.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Owner">Its owner, when asked for.</param>
public readonly record struct ObjectEntry(
    string Key,
    DateTimeOffset LastModified,
    string ETag,
    long SizeBytes,
    Owner? Owner = null
);

/// <summary>Answer of ListBuckets.</summary>
public sealed record ListAllMyBucketsResult(Owner Owner, IReadOnlyList<BucketEntry> Buckets) : IS3Document
{
    /// <summary>Where the next page begins, or null.</summary>
    public string? ContinuationToken { get; init; }

    /// <summary>The prefix asked for, or null.</summary>
    public string? Prefix { get; init; }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("ListAllMyBucketsResult"u8);
        xml.Owner("Owner"u8, Owner);
        xml.Start("Buckets"u8);
        foreach (var bucket in Buckets)
        {
            xml.Start("Bucket"u8);
            xml.Element("Name"u8, bucket.Name);
            xml.Element("CreationDate"u8, bucket.CreatedAt);
            xml.End("Bucket"u8);
        }
        xml.End("Buckets"u8);
        xml.Element("ContinuationToken"u8, ContinuationToken);
        xml.Element("Prefix"u8, Prefix);
        xml.End("ListAllMyBucketsResult"u8);
    }
}

/// <summary>What both versions of listing a bucket have in common.</summary>
public abstract record ObjectListing : IS3Document
{
    /// <summary>The bucket's name.</summary>
    public required string Name { get; init; }

    /// <summary>The prefix asked for; empty when none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The delimiter asked for, or null.</summary>
    public string? Delimiter { get; init; }

    /// <summary>The page size asked for.</summary>
    public required int MaxKeys { get; init; }

    /// <summary>True when the client asked for <c>encoding-type=url</c>.</summary>
    public bool UrlEncoded { get; init; }

    /// <summary>True when there is a next page.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The objects, in order of their keys' UTF-8 bytes.</summary>
    public IReadOnlyList<ObjectEntry> Contents { get; init; } = [];

    /// <summary>The groups of keys up to the delimiter, in the same order.</summary>
    public IReadOnlyList<string> CommonPrefixes { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("ListBucketResult"u8);
        xml.Element("Name"u8, Name);
        xml.Key("Prefix"u8, Prefix, UrlEncoded);
        WritePaging(xml);
        xml.Element("MaxKeys"u8, MaxKeys);
        xml.Key("Delimiter"u8, string.IsNullOrEmpty(Delimiter) ? null : Delimiter, UrlEncoded);
        if (UrlEncoded)
            xml.Element("EncodingType"u8, "url");
        xml.Element("IsTruncated"u8, IsTruncated);
        foreach (var entry in Contents)
        {
            xml.Start("Contents"u8);
            xml.Key("Key"u8, entry.Key, UrlEncoded);
            xml.Element("LastModified"u8, entry.LastModified);
            xml.ETag(entry.ETag);
            xml.Element("Size"u8, entry.SizeBytes);
            xml.Owner("Owner"u8, entry.Owner);
            xml.Element("StorageClass"u8, "STANDARD");
            xml.End("Contents"u8);
        }
        foreach (var prefix in CommonPrefixes)
        {
            xml.Start("CommonPrefixes"u8);
            xml.Key("Prefix"u8, prefix, UrlEncoded);
            xml.End("CommonPrefixes"u8);
        }
        xml.End("ListBucketResult"u8);
    }

    private protected abstract void WritePaging(S3XmlWriter xml);
}

/// <summary>Answer of ListObjects.</summary>
public sealed record ListBucketResult : ObjectListing
{
    /// <summary>The marker asked for; empty when none.</summary>
    public string Marker { get; init; } = "";

    /// <summary>Where the next page begins, or null.</summary>
    public string? NextMarker { get; init; }

    private protected override void WritePaging(S3XmlWriter xml)
    {
        xml.Key("Marker"u8, Marker, UrlEncoded);
        xml.Key("NextMarker"u8, NextMarker, UrlEncoded);
    }
}

/// <summary>Answer of ListObjectsV2.</summary>
public sealed record ListBucketResultV2 : ObjectListing
{
    /// <summary>The token asked for, or null.</summary>
    public string? ContinuationToken { get; init; }

    /// <summary>Where the next page begins, or null.</summary>
    public string? NextContinuationToken { get; init; }

    /// <summary>The key asked to start behind, or null.</summary>
    public string? StartAfter { get; init; }

    private protected override void WritePaging(S3XmlWriter xml)
    {
        xml.Element("ContinuationToken"u8, ContinuationToken);
        xml.Element("NextContinuationToken"u8, NextContinuationToken);
        xml.Key("StartAfter"u8, StartAfter, UrlEncoded);
        xml.Element("KeyCount"u8, Contents.Count + CommonPrefixes.Count);
    }
}
