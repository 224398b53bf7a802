using System.Globalization;
using Harima.S3.Checksums;
using Harima.S3.Errors;

namespace Harima.S3.Xml;

/// <summary>One object of a DeleteObjects request.</summary>
public sealed record ObjectIdentifier(string Key, string? VersionId = null)
{
    /// <summary>Delete only if the object still has this entity tag, or null.</summary>
    public string? ETag { get; init; }

    /// <summary>Delete only if it was last written then, or null; as the client wrote it.</summary>
    public string? LastModifiedTime { get; init; }

    /// <summary>Delete only if it is this long, or null; as the client wrote it.</summary>
    public string? Size { get; init; }
}

/// <summary>Body of DeleteObjects.</summary>
public sealed record Delete(IReadOnlyList<ObjectIdentifier> Objects, bool Quiet)
{
    /// <summary>S3's limit of keys in one request.</summary>
    public const int MaxObjects = 1000;

    const int MaxCharacters = 8 * 1024 * 1024;

    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<Delete> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var objects = new List<ObjectIdentifier>();
        var (_, fields) = await S3XmlReader
            .ReadAsync(
                body,
                "Delete",
                MaxCharacters,
                (name, row) =>
                {
                    if (name != "Object")
                        return;
                    if (objects.Count == MaxObjects || !row.TryGetValue("Key", out var key) || key.Length == 0)
                        throw S3Errors.MalformedXML.Exception();
                    var version = row.GetValueOrDefault("VersionId");
                    objects.Add(
                        new ObjectIdentifier(key, string.IsNullOrEmpty(version) ? null : version)
                        {
                            ETag = row.GetValueOrDefault("ETag"),
                            LastModifiedTime = row.GetValueOrDefault("LastModifiedTime"),
                            Size = row.GetValueOrDefault("Size"),
                        }
                    );
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        if (objects.Count == 0)
            throw S3Errors.MalformedXML.Exception();
        var quiet = string.Equals(
            fields.GetValueOrDefault("Quiet")?.Trim(),
            "true",
            StringComparison.OrdinalIgnoreCase
        );
        return new Delete(objects, quiet);
    }
}

/// <summary>One part named by a CompleteMultipartUpload request.</summary>
/// <param name="PartNumber">1 to 10,000.</param>
/// <param name="ETag">The part's entity tag, without quotes.</param>
/// <param name="Checksums">The checksums the client states for it.</param>
public sealed record CompletedPart(int PartNumber, string ETag, IReadOnlyList<Checksum> Checksums);

/// <summary>Body of CompleteMultipartUpload.</summary>
public sealed record CompleteMultipartUpload(IReadOnlyList<CompletedPart> Parts)
{
    /// <summary>S3's limit of parts in one upload.</summary>
    public const int MaxParts = 10_000;

    const int MaxCharacters = 8 * 1024 * 1024;

    /// <summary>Reads the body; the parts are in ascending order.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidPartOrder.</exception>
    public static async Task<CompleteMultipartUpload> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var parts = new List<CompletedPart>();
        await S3XmlReader
            .ReadAsync(
                body,
                "CompleteMultipartUpload",
                MaxCharacters,
                (name, row) =>
                {
                    if (name != "Part")
                        return;
                    var part = ReadPart(row, parts);
                    // A part that was sent again may be named again: the last answer counts, as the last bytes do.
                    if (parts.Count > 0 && parts[^1].PartNumber == part.PartNumber)
                        parts.RemoveAt(parts.Count - 1);
                    parts.Add(part);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        if (parts.Count == 0)
            throw S3Errors.MalformedXML.Exception();
        return new CompleteMultipartUpload(parts);
    }

    static CompletedPart ReadPart(Dictionary<string, string> row, List<CompletedPart> before)
    {
        if (
            before.Count == MaxParts
            || !row.TryGetValue("PartNumber", out var number)
            || !int.TryParse(number.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var partNumber)
            || !row.TryGetValue("ETag", out var etag)
        )
        {
            throw S3Errors.MalformedXML.Exception();
        }
        if (before.Count > 0 && before[^1].PartNumber > partNumber)
            throw S3Errors.InvalidPartOrder.Exception();
        List<Checksum>? checksums = null;
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (row.TryGetValue(algorithm.Element(), out var value))
                (checksums ??= []).Add(Checksum.Parse(algorithm, value.Trim()));
        }
        return new CompletedPart(partNumber, etag.Trim().Trim('"'), checksums ?? []);
    }
}
