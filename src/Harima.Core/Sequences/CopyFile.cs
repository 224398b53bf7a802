using Harima.Faults;
using Harima.Identity;
using Harima.S3.Checksums;
using Harima.Storage;

namespace Harima.Sequences;

/// <param name="Replace">Content type and headers of the copy; null to take those of the source.</param>
/// <param name="SourceVersion">Null for the current one.</param>
/// <param name="Tags">Tags of the copy; null to take those of the source.</param>
/// <param name="SourceCondition">What must hold for the source.</param>
/// <param name="Algorithm">Checksum to compute for the copy; null for the one of the source.</param>
public sealed record CopyFileRequest(
    string SourceBucket,
    string SourceKey,
    string Bucket,
    string Key,
    CopiedHeaders? Replace = null,
    FileCondition? SourceCondition = null,
    FileCondition? Condition = null,
    ChecksumAlgorithm? Algorithm = null,
    string? SourceVersion = null,
    IReadOnlyList<FileTag>? Tags = null,
    bool ForBucketOwner = false
);

public sealed record CopiedHeaders(string? ContentType, IReadOnlyDictionary<string, string>? Headers);

/// <summary>Copies a file the caller may read to where they may write, without the bytes leaving the server.</summary>
public sealed class CopyFile(
    FilePlaces places,
    FileQueries queries,
    FileStore files,
    ByteStore store,
    FileChange change
)
{
    /// <exception cref="FaultException">As for reading the source and for <see cref="AddFile"/>.</exception>
    public async Task<DataFile> HandleAsync(
        CopyFileRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (request.Tags is not null)
            TagFile.Require(request.Tags);
        var place = await places.ForWritingAsync(principal, request.Bucket, request.Key, cancellationToken);
        FileChange.RequireOpen(place);
        using var source = await queries.OpenAsync(
            principal.ReadingSource(request.SourceVersion),
            request.SourceBucket,
            request.SourceKey,
            request.SourceVersion,
            cancellationToken
        );
        request.SourceCondition?.Require(source.File, request.SourceKey);
        ChecksumAlgorithm? algorithm =
            request.Algorithm
            ?? (ChecksumAlgorithms.TryParse(source.File.ChecksumAlgorithm, out var chosen) ? chosen : null);
        using var copied = await store.TryCopyAsync(
            source.Bytes,
            source.File,
            place.Bucket,
            place.Key,
            algorithm,
            cancellationToken
        );
        await using var bytes = source.ReadAll();
        using var read = copied is not null
            ? null
            : await store.StageAsync(
                place.Bucket,
                place.Key,
                bytes,
                new BodyExpectation { LengthBytes = source.File.SizeBytes, Algorithm = algorithm },
                cancellationToken
            );
        var staged = copied ?? read!;
        // What was read is what had been stored, or the copy would give damage a fresh checksum.
        if (source.File.HasSums && staged.Crc64Nvme != source.File.Crc64Nvme)
            throw new FaultException(
                FaultCode.Damaged,
                "file-damaged",
                $"The stored bytes of '{request.SourceKey}' no longer match their checksum, so they were not copied. Tell the facility's staff."
            );
        return await files.PutAsync(
            place.Bucket,
            place.Key,
            staged,
            (transaction, before) =>
            {
                request.Condition?.Require(before, place.Key);
                return change.Put(
                    transaction,
                    place,
                    before,
                    staged,
                    new FileDescription(
                        request.Replace is null ? source.File.ContentType : request.Replace.ContentType,
                        request.Replace is null ? source.File.ReadHeaders() : request.Replace.Headers,
                        request.Tags ?? source.File.ReadTags()
                    )
                    {
                        Owner = place.OwnerFor(principal, request.ForBucketOwner),
                    },
                    principal
                );
            },
            cancellationToken
        );
    }
}
