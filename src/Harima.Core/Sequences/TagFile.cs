using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>Replaces the tags of a file, or of one version of it.</summary>
public sealed class TagFile(FilePlaces places, FileStore files, FileChange change)
{
    /// <summary>S3's limits.</summary>
    public const int MaxTags = 10;
    public const int MaxKeyLength = 128;
    public const int MaxValueLength = 256;

    /// <param name="version">Null for the current one.</param>
    /// <param name="tags">Empty for none.</param>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Invalid for tags that cannot be.</exception>
    public async Task<DataFile> HandleAsync(
        string bucket,
        string key,
        string? version,
        IReadOnlyList<FileTag> tags,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        Require(tags);
        var place = await places.ForWritingAsync(
            principal,
            bucket,
            key,
            cancellationToken,
            "s3:PutObjectTagging",
            version
        );
        return await files.ChangeAsync(
            place.Bucket,
            key,
            version,
            (transaction, file) =>
            {
                FileChange.RequireOpen(transaction, place);
                DataFiles.SetTags(transaction, file, FileTag.Write(tags));
                change.Tagged(transaction, place, file, principal);
            },
            cancellationToken
        );
    }

    /// <exception cref="FaultException">Invalid: too many, too long, or a key twice.</exception>
    public static void Require(IReadOnlyList<FileTag> tags)
    {
        if (tags.Count > MaxTags)
            throw Fault.Invalid("too-many-tags", $"A file can have at most {Fault.Number(MaxTags)} tags.");
        foreach (var tag in tags)
        {
            if (tag.Key.Length is 0 or > MaxKeyLength)
                throw Fault.Invalid(
                    "tag-key",
                    $"The key of a tag has 1 to {Fault.Number(MaxKeyLength)} characters.",
                    ("key", tag.Key)
                );
            if (tag.Value.Length > MaxValueLength)
                throw Fault.Invalid(
                    "tag-value",
                    $"The value of the tag '{tag.Key}' is longer than {Fault.Number(MaxValueLength)} characters.",
                    ("key", tag.Key)
                );
        }
        if (tags.GroupBy(tag => tag.Key, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Fault.Invalid(
                "tag-twice",
                $"The tag '{twice.Key}' is given twice. Cannot provide multiple tags with the same key.",
                ("key", twice.Key)
            );
    }
}
