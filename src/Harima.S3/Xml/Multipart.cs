using System.Buffers;
using Harima.S3.Checksums;

namespace Harima.S3.Xml;

/// <summary>Answer of CreateMultipartUpload.</summary>
public sealed record InitiateMultipartUploadResult(string Bucket, string Key, string UploadId) : IS3Document
{
    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("InitiateMultipartUploadResult"u8);
        xml.Element("Bucket"u8, Bucket);
        xml.Element("Key"u8, Key);
        xml.Element("UploadId"u8, UploadId);
        xml.End("InitiateMultipartUploadResult"u8);
    }
}

/// <summary>Answer of CompleteMultipartUpload.</summary>
public sealed record CompleteMultipartUploadResult(string Location, string Bucket, string Key, string ETag)
    : IS3Document
{
    /// <summary>The object's checksums.</summary>
    public IReadOnlyList<Checksum> Checksums { get; init; } = [];

    /// <summary>How they relate to the parts', or null.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("CompleteMultipartUploadResult"u8);
        xml.Element("Location"u8, Location);
        xml.Element("Bucket"u8, Bucket);
        xml.Element("Key"u8, Key);
        xml.ETag(ETag);
        xml.Checksums(Checksums);
        xml.Element("ChecksumType"u8, ChecksumType?.Name());
        xml.End("CompleteMultipartUploadResult"u8);
    }
}

/// <summary>A part in <see cref="ListPartsResult"/>.</summary>
public sealed record PartEntry(int PartNumber, DateTimeOffset LastModified, string ETag, long SizeBytes)
{
    /// <summary>The part's checksums.</summary>
    public IReadOnlyList<Checksum> Checksums { get; init; } = [];
}

/// <summary>Answer of ListParts.</summary>
public sealed record ListPartsResult(string Bucket, string Key, string UploadId) : IS3Document
{
    /// <summary>Who began the upload, or null.</summary>
    public Owner? Owner { get; init; }

    /// <summary>The part asked to start behind.</summary>
    public int PartNumberMarker { get; init; }

    /// <summary>Where the next page begins, or null.</summary>
    public int? NextPartNumberMarker { get; init; }

    /// <summary>The page size asked for.</summary>
    public required int MaxParts { get; init; }

    /// <summary>True when there is a next page.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>True when the client asked for <c>encoding-type=url</c>.</summary>
    public bool UrlEncoded { get; init; }

    /// <summary>The algorithm chosen when the upload began, or null.</summary>
    public ChecksumAlgorithm? ChecksumAlgorithm { get; init; }

    /// <summary>The type chosen when the upload began, or null.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>The parts, in order of their numbers.</summary>
    public IReadOnlyList<PartEntry> Parts { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("ListPartsResult"u8);
        xml.Element("Bucket"u8, Bucket);
        xml.Key("Key"u8, Key, UrlEncoded);
        xml.Element("UploadId"u8, UploadId);
        xml.Owner("Initiator"u8, Owner);
        xml.Owner("Owner"u8, Owner);
        xml.Element("StorageClass"u8, "STANDARD");
        xml.Element("PartNumberMarker"u8, PartNumberMarker);
        if (NextPartNumberMarker is { } next)
            xml.Element("NextPartNumberMarker"u8, next);
        xml.Element("MaxParts"u8, MaxParts);
        xml.Element("IsTruncated"u8, IsTruncated);
        xml.Element("ChecksumAlgorithm"u8, ChecksumAlgorithm?.Name());
        xml.Element("ChecksumType"u8, ChecksumType?.Name());
        foreach (var part in Parts)
        {
            xml.Start("Part"u8);
            xml.Element("PartNumber"u8, part.PartNumber);
            xml.Element("LastModified"u8, part.LastModified);
            xml.ETag(part.ETag);
            xml.Element("Size"u8, part.SizeBytes);
            xml.Checksums(part.Checksums);
            xml.End("Part"u8);
        }
        xml.End("ListPartsResult"u8);
    }
}

/// <summary>An upload in <see cref="ListMultipartUploadsResult"/>.</summary>
public sealed record UploadEntry(string Key, string UploadId, DateTimeOffset InitiatedAt)
{
    /// <summary>Who began it, or null.</summary>
    public Owner? Owner { get; init; }
}

/// <summary>Answer of ListMultipartUploads.</summary>
public sealed record ListMultipartUploadsResult(string Bucket) : IS3Document
{
    /// <summary>The key asked to start behind; empty when none.</summary>
    public string KeyMarker { get; init; } = "";

    /// <summary>The upload asked to start behind; empty when none.</summary>
    public string UploadIdMarker { get; init; } = "";

    /// <summary>Where the next page begins, or null.</summary>
    public string? NextKeyMarker { get; init; }

    /// <summary>Where the next page begins, or null.</summary>
    public string? NextUploadIdMarker { get; init; }

    /// <summary>The prefix asked for; empty when none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The delimiter asked for, or null.</summary>
    public string? Delimiter { get; init; }

    /// <summary>The page size asked for.</summary>
    public required int MaxUploads { get; init; }

    /// <summary>True when there is a next page.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>True when the client asked for <c>encoding-type=url</c>.</summary>
    public bool UrlEncoded { get; init; }

    /// <summary>The uploads, in order of key, then of upload id.</summary>
    public IReadOnlyList<UploadEntry> Uploads { get; init; } = [];

    /// <summary>The groups of keys up to the delimiter.</summary>
    public IReadOnlyList<string> CommonPrefixes { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("ListMultipartUploadsResult"u8);
        xml.Element("Bucket"u8, Bucket);
        xml.Key("KeyMarker"u8, KeyMarker, UrlEncoded);
        xml.Element("UploadIdMarker"u8, UploadIdMarker);
        xml.Key("NextKeyMarker"u8, NextKeyMarker, UrlEncoded);
        xml.Element("NextUploadIdMarker"u8, NextUploadIdMarker);
        xml.Key("Prefix"u8, Prefix, UrlEncoded);
        xml.Key("Delimiter"u8, string.IsNullOrEmpty(Delimiter) ? null : Delimiter, UrlEncoded);
        xml.Element("MaxUploads"u8, MaxUploads);
        if (UrlEncoded)
            xml.Element("EncodingType"u8, "url");
        xml.Element("IsTruncated"u8, IsTruncated);
        foreach (var upload in Uploads)
        {
            xml.Start("Upload"u8);
            xml.Key("Key"u8, upload.Key, UrlEncoded);
            xml.Element("UploadId"u8, upload.UploadId);
            xml.Owner("Initiator"u8, upload.Owner);
            xml.Owner("Owner"u8, upload.Owner);
            xml.Element("StorageClass"u8, "STANDARD");
            xml.Element("Initiated"u8, upload.InitiatedAt);
            xml.End("Upload"u8);
        }
        foreach (var prefix in CommonPrefixes)
        {
            xml.Start("CommonPrefixes"u8);
            xml.Key("Prefix"u8, prefix, UrlEncoded);
            xml.End("CommonPrefixes"u8);
        }
        xml.End("ListMultipartUploadsResult"u8);
    }
}
