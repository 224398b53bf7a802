using System.Buffers;

namespace Harima.S3.Xml;

/// <summary>A version in <see cref="ListVersionsResult"/>.</summary>
/// <param name="Entry">The object as that version is.</param>
/// <param name="VersionId">Its id; <c>null</c> for the version without one.</param>
/// <param name="IsLatest">True for the newest of its key.</param>
/// <param name="IsDeleteMarker">True for a delete marker, which has no bytes.</param>
public readonly record struct ObjectVersionEntry(
    ObjectEntry Entry,
    string VersionId,
    bool IsLatest,
    bool IsDeleteMarker = false
);

/// <summary>Answer of ListObjectVersions.</summary>
public sealed record ListVersionsResult : IS3Document
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

    /// <summary>The key asked to start behind; empty when none.</summary>
    public string KeyMarker { get; init; } = "";

    /// <summary>The version asked to start behind; empty when none.</summary>
    public string VersionIdMarker { get; init; } = "";

    /// <summary>True when there is a next page.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Where the next page begins, or null.</summary>
    public string? NextKeyMarker { get; init; }

    /// <summary>Where the next page begins, or null.</summary>
    public string? NextVersionIdMarker { get; init; }

    /// <summary>Versions and delete markers, in order of their keys' UTF-8 bytes, the newest of a key first.</summary>
    public IReadOnlyList<ObjectVersionEntry> Versions { get; init; } = [];

    /// <summary>The groups of keys up to the delimiter, in the same order.</summary>
    public IReadOnlyList<string> CommonPrefixes { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("ListVersionsResult"u8);
        xml.Element("Name"u8, Name);
        xml.Key("Prefix"u8, Prefix, UrlEncoded);
        xml.Key("KeyMarker"u8, KeyMarker, UrlEncoded);
        xml.Element("VersionIdMarker"u8, VersionIdMarker);
        xml.Key("NextKeyMarker"u8, NextKeyMarker, UrlEncoded);
        xml.Element("NextVersionIdMarker"u8, NextVersionIdMarker);
        xml.Element("MaxKeys"u8, MaxKeys);
        xml.Key("Delimiter"u8, string.IsNullOrEmpty(Delimiter) ? null : Delimiter, UrlEncoded);
        if (UrlEncoded)
            xml.Element("EncodingType"u8, "url");
        xml.Element("IsTruncated"u8, IsTruncated);
        foreach (var version in Versions)
            Write(xml, version);
        foreach (var prefix in CommonPrefixes)
        {
            xml.Start("CommonPrefixes"u8);
            xml.Key("Prefix"u8, prefix, UrlEncoded);
            xml.End("CommonPrefixes"u8);
        }
        xml.End("ListVersionsResult"u8);
    }

    void Write(S3XmlWriter xml, ObjectVersionEntry version)
    {
        var entry = version.Entry;
        var name = version.IsDeleteMarker ? "DeleteMarker"u8 : "Version"u8;
        xml.Start(name);
        xml.Key("Key"u8, entry.Key, UrlEncoded);
        xml.Element("VersionId"u8, version.VersionId);
        xml.Element("IsLatest"u8, version.IsLatest);
        xml.Element("LastModified"u8, entry.LastModified);
        if (!version.IsDeleteMarker)
        {
            xml.ETag(entry.ETag);
            xml.Element("Size"u8, entry.SizeBytes);
            xml.Element("StorageClass"u8, "STANDARD");
        }
        xml.Owner("Owner"u8, entry.Owner);
        xml.End(name);
    }
}
