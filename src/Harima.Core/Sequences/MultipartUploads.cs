using System.Text.Json;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Checksums;
using Harima.Storage;

namespace Harima.Sequences;

/// <param name="Algorithm">Checksum the client chose for parts and whole; null for none.</param>
/// <param name="Type">How the whole's checksum follows from the parts'.</param>
public sealed record BeginUploadRequest(
    string Bucket,
    string Key,
    string? ContentType = null,
    IReadOnlyDictionary<string, string>? Headers = null,
    ChecksumAlgorithm? Algorithm = null,
    ChecksumType? Type = null,
    IReadOnlyList<FileTag>? Tags = null,
    bool ForBucketOwner = false
);

/// <param name="ObjectChecksum">What the client says the whole's checksum is; null where it does not.</param>
/// <param name="SizeBytes">What the client says the whole's size is; null where it does not.</param>
public sealed record CompleteUploadRequest(
    string Bucket,
    string Key,
    string UploadId,
    IReadOnlyList<CompletedPart> Parts,
    Checksum? ObjectChecksum = null,
    FileCondition? Condition = null,
    long? SizeBytes = null
);

/// <summary>Large files in parts that may be sent in parallel and sent again: begun, completed or aborted here.</summary>
public sealed class MultipartUploads(
    FilePlaces places,
    Uploads uploads,
    DataFiles rows,
    FileStore files,
    ByteStore store,
    FileChange change
)
{
    // Two completions of one upload at the same time (a client's retry) must not both cut the shared file.
    readonly KeyLocks _completing = new();

    /// <exception cref="FaultException">As for <see cref="AddFile"/> before its body.</exception>
    public async Task<Upload> BeginAsync(
        BeginUploadRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (request.Tags is not null)
            TagFile.Require(request.Tags);
        var place = await places.ForWritingAsync(principal, request.Bucket, request.Key, cancellationToken);
        FileChange.RequireOpen(place);
        return await uploads.BeginAsync(
            place.Bucket,
            new Upload
            {
                Id = "",
                BucketId = place.Bucket.Id,
                Key = place.Key,
                Owner = place.OwnerFor(principal, request.ForBucketOwner),
                ContentType = request.ContentType,
                Headers = request.Headers is null or { Count: 0 } ? null : JsonSerializer.Serialize(request.Headers),
                ChecksumAlgorithm = request.Algorithm?.Name(),
                ChecksumType = request.Algorithm is null ? null : request.Type?.ToString(),
                Tags = FileTag.Write(request.Tags),
            },
            cancellationToken
        );
    }

    /// <summary>The upload, for those who may write its key.</summary>
    /// <exception cref="FaultException">NotFound (reason <c>no-such-upload</c>); as for writing.</exception>
    public async Task<Upload> GetAsync(
        Principal principal,
        string bucket,
        string key,
        string uploadId,
        CancellationToken cancellationToken
    ) => (await FindAsync(principal, bucket, key, uploadId, cancellationToken)).Upload;

    /// <summary>The checksum algorithm chosen for an upload that is to be completed, or has been.</summary>
    /// <exception cref="FaultException">NotFound (reason <c>no-such-upload</c>); as for writing.</exception>
    public async Task<string?> AlgorithmAsync(
        Principal principal,
        string bucket,
        string key,
        string uploadId,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForWritingAsync(principal, bucket, key, cancellationToken);
        if (await uploads.FindAsync(place.Bucket.Id, key, uploadId, cancellationToken) is { } upload)
            return upload.ChecksumAlgorithm;
        var made = await FindMadeAsync(place, uploadId, cancellationToken);
        return made is null ? throw Uploads.NoSuchUpload(uploadId) : made.ChecksumAlgorithm;
    }

    /// <param name="number">1 to 10,000.</param>
    public async Task<UploadPart> AddPartAsync(
        Principal principal,
        string bucket,
        string key,
        string uploadId,
        int number,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    )
    {
        if (number is < 1 or > Uploads.MaxParts)
            throw Fault.Invalid("part-number", "Part numbers run from 1 to 10000.");
        var (place, upload) = await FindAsync(principal, bucket, key, uploadId, cancellationToken);
        FileChange.RequireOpen(place);
        if (expected.Algorithm is null && ChecksumAlgorithms.TryParse(upload.ChecksumAlgorithm, out var algorithm))
            expected = expected with { Algorithm = algorithm };
        return await uploads.PutPartAsync(upload, number, body, expected, cancellationToken);
    }

    public async Task<IReadOnlyList<UploadPart>> PartsAsync(
        Principal principal,
        string bucket,
        string key,
        string uploadId,
        int after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var (_, upload) = await FindAsync(principal, bucket, key, uploadId, cancellationToken);
        return await uploads.PartsAsync(upload.Id, after, limit, cancellationToken);
    }

    /// <summary>Unfinished uploads of a bucket that the caller may go on with, in order of key and id.</summary>
    public async Task<IReadOnlyList<Upload>> ListAsync(
        Principal principal,
        string bucket,
        string prefix,
        string? afterKey,
        string? afterId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        var allowed = await places.AllowedPrefixesAsync(principal, view, cancellationToken);
        var found = new List<Upload>();
        while (found.Count < limit)
        {
            var some = await uploads.ListAsync(view.Bucket.Id, prefix, afterKey, afterId, limit, cancellationToken);
            found.AddRange(
                some.Where(upload =>
                    allowed is null || allowed.Any(range => upload.Key.StartsWith(range, StringComparison.Ordinal))
                )
            );
            if (some.Count < limit)
                break;
            (afterKey, afterId) = (some[^1].Key, some[^1].Id);
        }
        return found.Count > limit ? found[..limit] : found;
    }

    /// <exception cref="FaultException">As for <see cref="AddFile"/>; Invalid for parts that do not fit. The upload stays then.</exception>
    public async Task<DataFile> CompleteAsync(
        CompleteUploadRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            try
            {
                return await TryCompleteAsync(request, principal, cancellationToken);
            }
            catch (PartArrivingException)
            {
                // Once more: now the parts are copied out of the file somebody is writing into.
            }
        }
    }

    async Task<DataFile> TryCompleteAsync(
        CompleteUploadRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForWritingAsync(principal, request.Bucket, request.Key, cancellationToken);
        FileChange.RequireOpen(place);
        using var first = await _completing.EnterAsync(0, request.UploadId, cancellationToken);
        await using var alone = await uploads.AloneAsync(request.UploadId, cancellationToken);
        if (await uploads.FindAsync(place.Bucket.Id, place.Key, request.UploadId, cancellationToken) is not { } upload)
            return await CompletedBeforeAsync(place, request, cancellationToken);
        using var staged = await uploads.AssembleAsync(upload, request.Parts, cancellationToken);
        Check(request, staged);
        IReadOnlyList<string> leftovers = [];
        var file = await files.PutAsync(
            place.Bucket,
            place.Key,
            staged,
            (transaction, before) =>
            {
                request.Condition?.Require(before, place.Key);
                Uploads.RequireNobodyWrites(transaction, upload, staged);
                leftovers = Uploads.Forget(transaction, upload.Id) ?? throw Uploads.NoSuchUpload(upload.Id);
                var headers = upload.Headers is null
                    ? null
                    : JsonSerializer.Deserialize<Dictionary<string, string>>(upload.Headers);
                return change.Put(
                    transaction,
                    place,
                    before,
                    staged,
                    new FileDescription(upload.ContentType, headers, FileTag.Read(upload.Tags))
                    {
                        Owner = place.OwnerFor(principal, upload.Owner == place.View.Owner),
                    },
                    principal
                ) with
                {
                    UploadId = upload.Id,
                };
            },
            cancellationToken
        );
        foreach (var blob in leftovers.Append(upload.Blob).Where(blob => blob != file.Blob))
            store.Discard(blob);
        return file;
    }

    public async Task AbortAsync(
        Principal principal,
        string bucket,
        string key,
        string uploadId,
        CancellationToken cancellationToken
    )
    {
        var (_, upload) = await FindAsync(principal, bucket, key, uploadId, cancellationToken);
        await uploads.AbortAsync(upload, cancellationToken);
    }

    static void Check(CompleteUploadRequest request, StagedBlob staged)
    {
        if (request.SizeBytes is { } size && size != staged.SizeBytes)
            throw Fault.Invalid(
                "upload-size",
                $"You announced {Fault.Number(size)} bytes for the whole, but its parts have {Fault.Number(staged.SizeBytes)}. Check which parts you named."
            );
        if (request.ObjectChecksum is not { } claimed)
            return;
        var actual =
            staged.Chosen is { } chosen && chosen.Algorithm == claimed.Algorithm ? chosen.Value
            : claimed.Algorithm == ChecksumAlgorithm.Crc32 ? staged.Crc32
            : claimed.Algorithm == ChecksumAlgorithm.Crc64Nvme ? staged.Crc64Nvme
            : null;
        if (actual is not null && actual != claimed.Value)
            throw new FaultException(
                FaultCode.ChecksumMismatch,
                "checksum-mismatch",
                $"The {claimed.Algorithm.Name()} of the whole is not the one you announced. The parts are kept: check them and complete again."
            );
    }

    /// <summary>Whoever lost the answer asks again, and gets it again as long as that file is the current one.</summary>
    async Task<DataFile> CompletedBeforeAsync(
        FilePlace place,
        CompleteUploadRequest request,
        CancellationToken cancellationToken
    )
    {
        var made = await FindMadeAsync(place, request.UploadId, cancellationToken);
        return made is not null && made.ETag == ETagOf(request.Parts)
            ? made
            : throw Uploads.NoSuchUpload(request.UploadId);
    }

    async Task<DataFile?> FindMadeAsync(FilePlace place, string uploadId, CancellationToken cancellationToken) =>
        await rows.FindAsync(place.Bucket.Id, place.Key, cancellationToken) is { } file && file.UploadId == uploadId
            ? file
            : null;

    static string? ETagOf(IReadOnlyList<CompletedPart> parts)
    {
        try
        {
            return MultipartChecksums.ETag([.. parts.Select(part => part.ETag)]);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    async Task<(FilePlace Place, Upload Upload)> FindAsync(
        Principal principal,
        string bucket,
        string key,
        string uploadId,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForWritingAsync(principal, bucket, key, cancellationToken);
        var upload = await uploads.FindAsync(place.Bucket.Id, key, uploadId, cancellationToken);
        return upload is null ? throw Uploads.NoSuchUpload(uploadId) : (place, upload);
    }
}
