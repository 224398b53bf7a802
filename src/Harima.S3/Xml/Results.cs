using System.Buffers;
using System.Text;
using Harima.S3.Checksums;
using Harima.S3.Errors;

namespace Harima.S3.Xml;

/// <summary>Answer of CopyObject.</summary>
public sealed record CopyObjectResult(string ETag, DateTimeOffset LastModified) : IS3Document
{
    /// <summary>The new object's checksums.</summary>
    public IReadOnlyList<Checksum> Checksums { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("CopyObjectResult"u8);
        xml.Element("LastModified"u8, LastModified);
        xml.ETag(ETag);
        xml.Checksums(Checksums);
        xml.End("CopyObjectResult"u8);
    }
}

/// <summary>Answer of UploadPartCopy.</summary>
public sealed record CopyPartResult(string ETag, DateTimeOffset LastModified) : IS3Document
{
    /// <summary>The part's checksums.</summary>
    public IReadOnlyList<Checksum> Checksums { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("CopyPartResult"u8);
        xml.Element("LastModified"u8, LastModified);
        xml.ETag(ETag);
        xml.Checksums(Checksums);
        xml.End("CopyPartResult"u8);
    }
}

/// <summary>A key of DeleteObjects that could not be deleted.</summary>
public sealed record DeleteFailure(string Key, string Code, string Message, string? VersionId = null);

/// <summary>A key of DeleteObjects that was deleted.</summary>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version named in the request, or null.</param>
public sealed record DeletedObject(string Key, string? VersionId = null)
{
    /// <summary>The delete marker that was added or removed, or null.</summary>
    public string? DeleteMarkerVersionId { get; init; }
}

/// <summary>Answer of DeleteObjects.</summary>
/// <param name="Deleted">The keys deleted; empty when the request asked for quiet.</param>
/// <param name="Errors">The keys refused.</param>
public sealed record DeleteResult(IReadOnlyList<DeletedObject> Deleted, IReadOnlyList<DeleteFailure> Errors)
    : IS3Document
{
    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("DeleteResult"u8);
        foreach (var deleted in Deleted)
        {
            xml.Start("Deleted"u8);
            xml.Element("Key"u8, deleted.Key);
            xml.Element("VersionId"u8, deleted.VersionId);
            if (deleted.DeleteMarkerVersionId is { } marker)
            {
                xml.Element("DeleteMarker"u8, true);
                xml.Element("DeleteMarkerVersionId"u8, marker);
            }
            xml.End("Deleted"u8);
        }
        foreach (var error in Errors)
        {
            xml.Start("Error"u8);
            xml.Element("Key"u8, error.Key);
            xml.Element("VersionId"u8, error.VersionId);
            xml.Element("Code"u8, error.Code);
            xml.Element("Message"u8, error.Message);
            xml.End("Error"u8);
        }
        xml.End("DeleteResult"u8);
    }
}

/// <summary>Answer of GetBucketLocation.</summary>
/// <param name="Region">The region; null for us-east-1, which S3 answers with an empty element.</param>
public sealed record LocationConstraint(string? Region) : IS3Document
{
    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("LocationConstraint"u8);
        output.Write(Encoding.ASCII.GetBytes(Region ?? ""));
        xml.End("LocationConstraint"u8);
    }
}

/// <summary>Answer of GetBucketVersioning and body of PutBucketVersioning.</summary>
/// <param name="Status"><c>Enabled</c> or <c>Suspended</c>; null when versioning was never set.</param>
/// <param name="MfaDelete"><c>Enabled</c> or <c>Disabled</c>; null when not stated.</param>
public sealed record VersioningConfiguration(string? Status, string? MfaDelete = null) : IS3Document
{
    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<VersioningConfiguration> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var (_, fields) = await S3XmlReader
            .ReadAsync(body, "VersioningConfiguration", 64 * 1024, (_, _) => { }, cancellationToken)
            .ConfigureAwait(false);
        return new VersioningConfiguration(
            fields.GetValueOrDefault("Status")?.Trim(),
            fields.GetValueOrDefault("MfaDelete")?.Trim()
        );
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("VersioningConfiguration"u8);
        xml.Element("Status"u8, Status);
        xml.Element("MfaDelete"u8, MfaDelete);
        xml.End("VersioningConfiguration"u8);
    }
}

/// <summary>Answer of GetObjectTagging and body of PutObjectTagging.</summary>
public sealed record Tagging(IReadOnlyList<KeyValuePair<string, string>> Tags) : IS3Document
{
    // Far more than a client may send; whoever acts on them counts them.
    const int MaxTags = 1000;

    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<Tagging> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var tags = new List<KeyValuePair<string, string>>();
        await S3XmlReader
            .ReadAsync(
                body,
                "Tagging",
                1024 * 1024,
                (name, row) =>
                {
                    if (name != "Tag")
                        return;
                    if (tags.Count == MaxTags || !row.TryGetValue("Key", out var key))
                        throw S3Errors.MalformedXML.Exception();
                    tags.Add(KeyValuePair.Create(key, row.GetValueOrDefault("Value", "")));
                },
                cancellationToken,
                rowDepth: 2
            )
            .ConfigureAwait(false);
        return new Tagging(tags);
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("Tagging"u8);
        xml.Start("TagSet"u8);
        foreach (var (key, value) in Tags)
        {
            xml.Start("Tag"u8);
            xml.Element("Key"u8, key);
            xml.Element("Value"u8, value);
            xml.End("Tag"u8);
        }
        xml.End("TagSet"u8);
        xml.End("Tagging"u8);
    }
}

/// <summary>Answer of a POST form that asked for <c>success_action_status</c> 201.</summary>
public sealed record PostResponse(string Location, string Bucket, string Key, string ETag) : IS3Document
{
    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        // Like the error document, and unlike all others, without a namespace.
        var xml = new S3XmlWriter(output);
        xml.Declaration();
        xml.Start("PostResponse"u8);
        xml.Element("Location"u8, Location);
        xml.Element("Bucket"u8, Bucket);
        xml.Element("Key"u8, Key);
        xml.ETag(ETag);
        xml.End("PostResponse"u8);
    }
}

/// <summary>The error document.</summary>
public sealed record ErrorDocument(string Code, string Message, string Resource, string RequestId) : IS3Document
{
    /// <summary>Further elements, such as <c>BucketName</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        // The one document without a namespace.
        var xml = new S3XmlWriter(output);
        xml.Declaration();
        xml.Start("Error"u8);
        xml.Element("Code"u8, Code);
        xml.Element("Message"u8, Message);
        foreach (var (name, value) in Details)
            xml.Element(Encoding.ASCII.GetBytes(name), value);
        xml.Element("Resource"u8, Resource);
        xml.Element("RequestId"u8, RequestId);
        xml.End("Error"u8);
    }
}
